import { join } from 'node:path'
import type { CliEnvironment } from '../cli-environment.ts'
import { refusal } from '../cli-error.ts'
import { shippedFragments } from '../package-files.ts'
import { findSchema } from '../schema/find-schema.ts'
import { readSchema, shownPath } from '../schema/read-schema.ts'
import { describeInit } from './describe-init.ts'
import { type InitInput, type InitOptions, planInit } from './plan-init.ts'
import { unifiedDiff } from './unified-diff.ts'
import { writeFiles } from './write-files.ts'

/** Options of `init` that don't matter to the plan. */
export interface InitRun {
  readonly schema: string | undefined
  /** Show what would change, as a diff, and change nothing. */
  readonly isDry: boolean
}

/**
 * `bapp-connectors init`: merges the fragment into the application's Prisma schema.
 *
 * @throws {CliError} if it can't be done; nothing is changed then.
 */
export async function init(environment: CliEnvironment, options: InitOptions, run: InitRun): Promise<void> {
  const { cwd, write } = environment
  const location = await findSchema(cwd, run.schema)
  const input: InitInput = {
    files: await readSchema(cwd, location),
    target: shownPath(cwd, location.kind === 'file' ? location.path : join(location.path, 'connectors.prisma')),
    fragments: await shippedFragments(),
  }
  let plan = planInit(input, options)
  if (plan.status === 'needs-tenant-model') {
    plan = planInit(input, { ...options, tenantModel: await askForTenant(environment, plan.models) })
  }
  if (plan.status === 'needs-tenant-model') throw new Error('The plan asks again for what it was told.')
  if (run.isDry) {
    write(plan.status === 'up-to-date' ? describeInit(plan) : plan.changes.map(unifiedDiff).join(''))
    return
  }
  await writeFiles(cwd, plan.changes)
  write(describeInit(plan))
}

async function askForTenant({ ask, write }: CliEnvironment, models: readonly string[]): Promise<string> {
  const list = models.length === 0 ? 'The schema has no models.' : `The schema has: ${models.join(', ')}.`
  if (ask === null) {
    throw refusal(`Which model is your tenant? Name it with --tenant-model <Model>, or use --no-relation. ${list}`)
  }
  write(`${list}\n`)
  const answer = (await ask('Which of them is your tenant (customer, company, organization, user)? ')).trim()
  if (answer === '') throw refusal('No tenant model was named; nothing is changed.')
  return answer
}

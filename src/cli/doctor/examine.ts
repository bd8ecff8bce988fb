import type { Connectors } from '../../core/connectors.ts'
import { isConnectorsError } from '../../core/domain/errors.ts'
import type { CliEnvironment } from '../cli-environment.ts'
import { withApp } from '../with-app.ts'
import { checkClock } from './check-clock.ts'
import { checkConnections } from './check-connections.ts'
import { checkDatabase } from './check-database.ts'
import { checkHandlers } from './check-handlers.ts'
import { checkKeys } from './check-keys.ts'
import { checkQueue } from './check-queue.ts'
import { checkSyncs } from './check-syncs.ts'
import { checkWebhooks } from './check-webhooks.ts'
import { examineSchema } from './examine-schema.ts'
import { type CheckName, type CheckOutcome, checkNames, type Finding } from './finding.ts'
import type { Patient } from './patient.ts'

/** What the doctor looked at, and what it found. */
export interface Examination {
  /** All of them, in their order. */
  readonly checks: readonly CheckOutcome[]
  readonly findings: readonly Finding[]
}

/** What a check answers: what it found, or why there is nothing to look at. */
type Checked = { readonly findings: readonly Finding[] } | { readonly skipped: string }

/** Runs a check and notes how it went. */
type RunCheck = (name: CheckName, work: () => Promise<Checked>) => Promise<void>

/** The checks of what is in the database. */
const checksOfRows: readonly (readonly [CheckName, (patient: Patient) => Promise<readonly Finding[]>])[] = [
  ['keys', checkKeys],
  ['connections', checkConnections],
  ['syncs', checkSyncs],
  ['handlers', checkHandlers],
  ['webhooks', checkWebhooks],
  ['clock', checkClock],
]

/** Looks at everything there is to look at. Writes nothing; that something can't be checked is part of the answer. */
export async function examine(
  environment: CliEnvironment,
  { schema, ...options }: { readonly schema?: string | undefined } & Parameters<typeof withApp>[1],
): Promise<Examination> {
  const outcomes = new Map<CheckName, CheckOutcome>()
  const findings: Finding[] = []
  const run: RunCheck = async (name, work) => {
    try {
      const checked = await work()
      if ('skipped' in checked) outcomes.set(name, { name, status: 'skipped', reason: checked.skipped })
      else {
        findings.push(...checked.findings)
        outcomes.set(name, { name, status: 'checked', reason: null })
      }
    } catch (error) {
      outcomes.set(name, { name, status: 'failed', reason: reasonOf(error) })
    }
  }
  const hasApp = options.app !== undefined
  await run('schema', () => examineSchema(environment, { schema, hasApp }))
  if (hasApp) {
    await run('application', async () => {
      await withApp(environment, options, (connectors) => examineApplication(connectors, run))
      return { findings: [] }
    })
  }
  const reason = hasApp ? 'what it looks at can’t be read' : 'needs --app'
  const checks = checkNames.map((name): CheckOutcome => outcomes.get(name) ?? { name, status: 'skipped', reason })
  return { checks, findings }
}

async function examineApplication(connectors: Connectors, run: RunCheck): Promise<void> {
  const patients: Patient[] = []
  await run('database', async () => {
    const { findings, patient } = await checkDatabase(connectors)
    if (patient !== null) patients.push(patient)
    return { findings }
  })
  await run('queue', async () => ({ findings: await checkQueue({ connectors }) }))
  for (const patient of patients) {
    for (const [name, check] of checksOfRows) await run(name, async () => ({ findings: await check(patient) }))
  }
}

function reasonOf(error: unknown): string {
  if (isConnectorsError(error)) return `${error.message} (${error.code})`
  return error instanceof Error ? error.message : String(error)
}

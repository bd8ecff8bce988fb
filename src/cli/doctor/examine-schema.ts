import type { CliEnvironment } from '../cli-environment.ts'
import { CliError } from '../cli-error.ts'
import { shippedFragments } from '../package-files.ts'
import { findSchema } from '../schema/find-schema.ts'
import { readSchema } from '../schema/read-schema.ts'
import { checkSchema } from './check-schema.ts'
import type { Finding } from './finding.ts'

/** What came of looking for a schema: why there is nothing to look at, or what was found. */
export type SchemaExamination = { readonly skipped: string } | { readonly findings: readonly Finding[] }

/**
 * Finds the Prisma schema of the application and compares it with what the package ships. Tables can be made otherwise
 * (Drizzle), so where there is an application, a schema needn't be.
 *
 * @throws {CliError} if there has to be one and isn't, or if it can't be read.
 */
export async function examineSchema(
  { cwd }: Pick<CliEnvironment, 'cwd'>,
  { schema, hasApp }: { readonly schema: string | undefined; readonly hasApp: boolean },
): Promise<SchemaExamination> {
  const isNeeded = schema !== undefined || !hasApp
  const location = await findSchema(cwd, schema).catch((error: unknown) => {
    if (error instanceof CliError && !isNeeded) return error
    throw error
  })
  if (location instanceof CliError) return { skipped: location.message }
  const findings = checkSchema(await readSchema(cwd, location), await shippedFragments())
  if (findings !== null) return { findings }
  if (!isNeeded) {
    return { skipped: "The Prisma schema has none of the library's models: they are kept elsewhere." }
  }
  const nothing: Finding = {
    code: 'SCHEMA_MODEL_MISSING',
    message: "The schema has none of the library's models.",
    advice: 'Run npx bapp-connectors init, then migrate.',
    examples: [],
  }
  return { findings: [nothing] }
}

import { z } from 'zod'

/** What a worker process is told, as JSON in the environment variable CHAOS_WORKER. */
export const workerSettings = z.object({
  name: z.string(),
  databaseUrl: z.string(),
  key: z.string(),
  connections: z.tuple([z.string()], z.string()),
  seed: z.int(),
  /** How far its clock is off. */
  skewMs: z.int(),
  clockSkewMs: z.int(),
})

/** See {@link workerSettings}. */
export type WorkerSettings = z.output<typeof workerSettings>

/** What a worker writes to its standard output, a line each. */
export const workerReport = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('run'),
    connection: z.string(),
    runId: z.string(),
    begin: z.enum(['resume', 'full']),
    status: z.string(),
    /** Why it was partial, skipped or failed. */
    reason: z.string(),
    pages: z.int(),
    items: z.int(),
  }),
  z.object({ kind: z.literal('log'), level: z.string(), message: z.string(), error: z.string() }),
])

/** See {@link workerReport}. */
export type WorkerReport = z.output<typeof workerReport>

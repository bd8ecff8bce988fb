import { z } from 'zod'
import type { JobName, QueuedJob } from '../core/domain/job.ts'
import type { JsonObject } from '../core/domain/json.ts'

/** Milliseconds after which a job is told to stop, and given up. */
export interface JobLimits {
  readonly softMs: number
  readonly hardMs: number
}

const id = z.string().min(1)
/** The tenant's id as text: for limits and people. Who may see what was checked when the job was made. */
const tenant = z.string()

/** What each job carries: ids; calls of adapters their arguments too. */
export const jobPayloads = {
  tick: z.strictObject({}),
  'credentials.refresh': z.strictObject({ tenant, connectionId: id }),
  'webhook.process': z.strictObject({ tenant, eventId: id }),
  'adapter.call': z.strictObject({ tenant, connectionId: id, method: id, args: z.array(z.json()) }),
  'sync.incremental': z.strictObject({ tenant, connectionId: id, resource: id }),
  'sync.full': z.strictObject({ tenant, connectionId: id, resource: id }),
} satisfies Record<JobName, z.ZodType>

/** The payload of a job. */
export type PayloadOf<Name extends JobName> = z.output<(typeof jobPayloads)[Name]>

/** What is true of each kind of job. Refreshes go before webhooks, those before syncs, and those before full passes. */
export const jobKinds: Readonly<Record<JobName, { readonly priority: number; readonly limits: JobLimits }>> = {
  tick: { priority: 50, limits: { softMs: 60_000, hardMs: 90_000 } },
  // A token request and the writing of its answer have an end of their own before that.
  'credentials.refresh': { priority: 45, limits: { softMs: 30_000, hardMs: 60_000 } },
  'webhook.process': { priority: 40, limits: { softMs: 60_000, hardMs: 90_000 } },
  'adapter.call': { priority: 30, limits: { softMs: 180_000, hardMs: 240_000 } },
  'sync.incremental': { priority: 20, limits: { softMs: 300_000, hardMs: 360_000 } },
  'sync.full': { priority: 10, limits: { softMs: 600_000, hardMs: 660_000 } },
}

/** Whether something that a queue handed out is a job of this version. */
export function isKnownJob(taken: unknown): taken is QueuedJob {
  const { name, data } = Object(taken) as Readonly<Record<string, unknown>>
  return typeof name === 'string' && Object.hasOwn(jobKinds, name) && typeof data === 'object' && data !== null
}

/** A job for the queue. A sync that waits is one job, whether it is to be a full pass or not. */
export function makeJob<Name extends JobName>(name: Name, payload: PayloadOf<Name>, key?: string): QueuedJob {
  const { priority, limits } = jobKinds[name]
  return {
    name,
    key: key ?? keyOf(name, payload),
    priority,
    // Its schema knows nothing but JSON.
    data: payload as JsonObject,
    expireMs: limits.hardMs + 60_000,
    isOnlyHere: name === 'adapter.call',
  }
}

function keyOf(name: JobName, payload: object): string | null {
  if (name === 'tick') return 'tick'
  const { eventId, connectionId, resource } = payload as Readonly<Record<string, unknown>>
  if (name === 'credentials.refresh') return `refresh:${connectionId}`
  if (name === 'webhook.process') return `webhook:${eventId}`
  return name === 'adapter.call' ? null : `sync:${connectionId}:${resource}`
}

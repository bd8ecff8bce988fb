import type { JsonObject } from './json.ts'

/** The kinds of jobs. */
export type JobName =
  | 'tick'
  | 'credentials.refresh'
  | 'webhook.process'
  | 'adapter.call'
  | 'sync.incremental'
  | 'sync.full'

/** A job as a queue keeps it: plain JSON without a secret. */
export interface QueuedJob {
  readonly name: JobName
  /** Of several jobs with one key that wait, one is kept; `null`: each is. */
  readonly key: string | null
  /** The larger, the sooner. */
  readonly priority: number
  readonly data: JsonObject
  /** Milliseconds after which whoever runs it is taken for lost. */
  readonly expireMs: number
  /** Whether the queue hands it out again when it was lost or given back. All others are found anew in their rows. */
  readonly isOnlyHere: boolean
}

/** How a run of a job ended for the queue: it is done with, or (what is only there) has to be handed out again. */
export type JobEnd = 'done' | 'again'

/** Whoever takes jobs out of a queue. */
export interface JobConsumer {
  /** Takes no more, and waits until all that were taken have ended. */
  readonly stop: () => Promise<void>
}

/**
 * Where jobs wait: an engine. It hands out each job at least once, those of a higher priority first, and retries nothing by
 * itself but what `isOnlyHere`.
 */
export interface JobQueue {
  /** For people, e.g. `pg-boss`. */
  readonly engine: string
  /** Whether workers of other processes take from it: what comes in is left to them then. */
  readonly isShared: boolean
  /** @throws {ConnectorsError} `QUEUE_UNAVAILABLE`. */
  readonly enqueue: (job: QueuedJob) => Promise<'queued' | 'duplicate'>
  /** Jobs that wait. @throws {ConnectorsError} `QUEUE_UNAVAILABLE`. */
  readonly waitingCount: () => Promise<number>
  /** Begins to take jobs, at most `concurrency` at a time. `run` never rejects. */
  readonly consume: (
    run: (job: QueuedJob) => Promise<JobEnd>,
    options: { readonly concurrency: number },
  ) => Promise<JobConsumer>
  /** Lets go of what it opened itself. */
  readonly close: () => Promise<void>
}

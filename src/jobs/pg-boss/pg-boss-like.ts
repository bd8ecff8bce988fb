/** A job as pg-boss hands it out. */
export interface PgBossJob {
  readonly id: string
  readonly data: object
}

/** The part of a `PgBoss` that is used here. */
export interface PgBossLike {
  /** Makes a queue that holds at most one waiting job of a key. */
  readonly createQueue: (name: string, options: { readonly name: string; readonly policy: 'short' }) => Promise<unknown>
  /** Adds a job; `null` = one of that key is waiting. */
  readonly send: (
    name: string,
    data: object,
    options: {
      readonly priority: number
      readonly singletonKey: string
      readonly retryLimit: number
      readonly retryDelay: number
      readonly retryBackoff: boolean
      readonly expireInSeconds: number
    },
  ) => Promise<string | null>
  /** Takes jobs, the most urgent first. */
  readonly fetch: (name: string, options: { readonly batchSize: number }) => Promise<readonly PgBossJob[]>
  /** Ends a job. */
  readonly complete: (name: string, id: string) => Promise<unknown>
  /** Ends a job as failed. */
  readonly fail: (name: string, id: string) => Promise<unknown>
  /** How many jobs wait. */
  readonly getQueueSize: (name: string) => Promise<number>
}

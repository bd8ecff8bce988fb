/** A job as pg-boss hands it out. */
export interface PgBossJob {
  readonly id: string
  readonly data: object
}

/** The part of a `PgBoss` that is used here. */
export interface PgBossLike {
  readonly createQueue: (name: string, options: { readonly name: string; readonly policy: 'short' }) => Promise<unknown>
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
  readonly fetch: (name: string, options: { readonly batchSize: number }) => Promise<readonly PgBossJob[]>
  readonly complete: (name: string, id: string) => Promise<unknown>
  readonly fail: (name: string, id: string) => Promise<unknown>
  readonly getQueueSize: (name: string) => Promise<number>
}

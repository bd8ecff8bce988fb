import type { JobName, JobQueue } from './domain/job.ts'
import type { Json, JsonObject } from './domain/json.ts'
import type { AdapterOf, AnyProvider, ResourceOf } from './domain/provider.ts'
import type { TenantId } from './domain/tenant.ts'

/** The methods of a provider's adapter that can be called later: async ones whose arguments JSON can keep. */
export type CallableOf<P extends AnyProvider> = {
  [M in keyof AdapterOf<P>]: AdapterOf<P>[M] extends (...args: infer Args) => Promise<unknown>
    ? Args extends readonly Json[]
      ? M
      : never
    : never
}[keyof AdapterOf<P>] &
  string

/** The arguments of such a method. */
export type CallArgsOf<P extends AnyProvider, M extends string> = M extends keyof AdapterOf<P>
  ? AdapterOf<P>[M] extends (...args: infer Args) => Promise<unknown>
    ? Args
    : never
  : never

/** What became of a request to run something later. `recorded`: the queue is away, but the row has it, and a tick finds it. */
export interface EnqueueResult {
  readonly status: 'queued' | 'duplicate' | 'recorded'
}

/** Puts jobs into the queue. */
export interface Enqueue<P extends AnyProvider, T extends TenantId> {
  /**
   * Calls a method of an adapter. As durable as the queue, and the only job that is in no row: it runs at least once. Of calls
   * with one `key` that wait, one is kept.
   */
  <Q extends P, M extends string>(
    name: 'adapter.call',
    call: {
      readonly tenantId: T
      readonly connectionId: string
      readonly provider: Q
      readonly method: M & CallableOf<Q>
      readonly args: Readonly<CallArgsOf<Q, M>>
      readonly key?: string
    },
  ): Promise<EnqueueResult>
  /** Runs a sync soon; it is kept in its row first, as `sync.request` does. */
  (
    name: 'sync.incremental' | 'sync.full',
    sync: { readonly tenantId: T; readonly connectionId: string; readonly resource: ResourceOf<P> },
  ): Promise<EnqueueResult>
  /** Processes a stored delivery. */
  (name: 'webhook.process', webhook: { readonly tenantId: T; readonly eventId: string }): Promise<EnqueueResult>
  /** Looks for what is due, in a worker. */
  (name: 'tick'): Promise<EnqueueResult>
}

/** How old what is removed has to be, in milliseconds; `false` keeps it. */
export interface PruneOptions {
  /** Rows of the audit log. Default 30 days. */
  readonly executionsMs?: number | false
  /** Bodies of deliveries. Default 30 days. */
  readonly webhookBodiesMs?: number | false
  /** What else is known of deliveries. Default 400 days. */
  readonly webhookKeysMs?: number
  /** Milliseconds between two times of looking for what is old. Default an hour. */
  readonly everyMs?: number
}

/** How to look for what is due. */
export interface TickOptions {
  /** Jobs that can be begun at once; twice as many are put into the queue at most. Default 10. */
  readonly slots?: number
  /** Most syncs of one tenant while others wait. Default: a quarter of what is put into the queue. */
  readonly perTenant?: number
  readonly prune?: PruneOptions | false
}

/** What a tick found. */
export interface TickResult {
  /** Jobs that were put into the queue. */
  readonly queuedCount: number
  /** Rows that were removed. */
  readonly prunedCount: number
}

/** What is told when a job has ended. */
export interface EndedJob {
  readonly name: JobName
  readonly data: JsonObject
  /**
   * - `done`: it ran; how it ended is its `result`.
   * - `failed`: it threw, or took too long; `error` says what.
   * - `deferred`: its tenant or connection had enough under way here; it stays due.
   */
  readonly status: 'done' | 'failed' | 'deferred'
  readonly result?: unknown
  readonly error?: unknown
}

/** How to work. */
export interface WorkOptions {
  /** Where the jobs are. Default: the option `queue` of `createConnectors`. */
  readonly queue?: JobQueue
  /** Jobs at a time. Default 10. */
  readonly concurrency?: number
  /** Jobs of one tenant at a time. Default: half of `concurrency`, rounded up. */
  readonly perTenant?: number
  /** Jobs of one connection at a time. Default: as `perTenant`. */
  readonly perConnection?: number
  /** Milliseconds between two ticks; it also looks when there is room again. `false`: somebody else ticks. Default 1,000. */
  readonly tickEveryMs?: number | false
  readonly prune?: PruneOptions | false
  /** Milliseconds after which a job is told to stop (soft), and given up (hard). */
  readonly limits?: { readonly [Name in JobName]?: { readonly softMs: number; readonly hardMs: number } }
  /** Told when a job has ended. It may fail; nothing depends on it. */
  readonly onJob?: (job: EndedJob) => unknown
}

/** Somebody who works. */
export interface ConnectorsWorker {
  /** Resolves when it takes jobs. @throws {ConnectorsError} `QUEUE_UNAVAILABLE`. */
  readonly ready: () => Promise<void>
  /** Jobs under way. */
  readonly runningCount: () => number
  /**
   * Takes no more jobs and waits for those under way: at most `timeoutMs` (default 25,000), then it tells them to stop, and
   * gives up those that don't within 2 seconds. What was not done stays due, or is given back. May be called again.
   */
  readonly drain: (options?: { readonly timeoutMs?: number }) => Promise<void>
}

/** Whether everything is all right, for probes. */
export interface ConnectorsHealth {
  /** Database and queue answer. */
  readonly isReady: boolean
  readonly database: { readonly isReachable: boolean; readonly message: string | null }
  readonly queue: {
    readonly engine: string
    readonly isReachable: boolean
    readonly waitingCount: number | null
    readonly message: string | null
  }
  /** At most 1,000 are counted. */
  readonly syncs: {
    readonly dueCount: number
    /** Since when the one has been due that waits longest. */
    readonly oldestDueAt: Date | null
    /** Due ones whose holder has vanished: their leases expired. */
    readonly abandonedCount: number
  }
  /** Deliveries that wait and have a handler here; at most 1,000 are counted. */
  readonly webhooks: { readonly dueCount: number }
  /** At most 1,000 are counted. */
  readonly connections: { readonly disabledCount: number; readonly disconnectedCount: number }
}

/** The verbs on jobs. */
export interface JobVerbs<P extends AnyProvider, T extends TenantId> {
  /**
   * Has something done later, by a worker.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`, `WEBHOOK_EVENT_NOT_FOUND`, `UNKNOWN_RESOURCE`; `INVALID_INPUT`, also for
   *   arguments that hold a secret of the connection; `QUEUE_UNAVAILABLE` for a call of an adapter.
   */
  readonly enqueue: Enqueue<P, T>
  /**
   * Looks for what is due and puts it into the queue, in fair order; removes what is old. Workers do it by themselves; a cron
   * may do it for them. Any number of processes may at once.
   */
  readonly tick: (options?: TickOptions) => Promise<TickResult>
  /** Begins to work. @throws {ConnectorsError} `INVALID_INPUT`. */
  readonly work: (options?: WorkOptions) => ConnectorsWorker
  /** Asks database and queue how they are. Never throws for their sake. */
  readonly health: () => Promise<ConnectorsHealth>
}

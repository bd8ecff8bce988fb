import type { DueRun, DueSync } from './domain/due-run.ts'
import type { PageContextOf, PageHandlerOf } from './domain/handlers.ts'
import type { Listing } from './domain/listing.ts'
import type { AdapterOf, AnyProvider, FetchedPage, FetchRequest, ItemOf, ResourceOf } from './domain/provider.ts'
import type { SyncProgress, SyncResult } from './domain/sync-result.ts'
import type { SyncStateView } from './domain/sync-state.ts'
import type { TenantId } from './domain/tenant.ts'
import type { SyncStateFilter } from './ports/sync-state-repository.ts'

/** How far a run may go. */
export interface RunBudget {
  /** Most pages; default: no limit. */
  readonly maxPages?: number
  /** Milliseconds after which no further page is begun, however long the one under way takes; default: no limit. */
  readonly maxMs?: number
  /**
   * Stops the run at once: a `fetch` or `prepare` under way is told by its own signal and not waited for, and what comes
   * of it later is dropped. A page whose transaction has begun is finished. `AbortSignal.timeout(ms)` limits a run as a whole.
   */
  readonly signal?: AbortSignal
}

/** How to fetch and handle one page otherwise than registered. */
export interface PageOptions<P extends AnyProvider, R extends string, Item, T extends TenantId, Tx>
  extends Pick<RunBudget, 'signal'> {
  /** Makes the types precise where several providers are registered. */
  readonly provider?: P
  /**
   * Fetches the pages in place of the resource's own way: a part of it, say, or another order. What it answers follows the
   * same rules. Give a `stateKey` too if its cursors, or what it asks for, are others.
   */
  readonly fetch?: (adapter: AdapterOf<P>, request: FetchRequest) => Promise<FetchedPage<Item>>
  /**
   * Keeps cursor, lease and history in a row of its own, named `resource:name`, e.g. `orders:archived`; the name is made of
   * lower-case letters, digits, dots, dashes and underscores. Ask for it in every run of the same thing. The registered
   * handler's `onSweep` isn't called then: it would take the rest of the resource for gone.
   */
  readonly stateKey?: `${R}:${string}`
  /** Handles the pages, and with `onSweep` the end of a full pass, in place of the registered handler. */
  readonly onPage?: PageHandlerOf<PageContextOf<P['name'], Item, T>, T, Tx>
  /** How many items the handler may reject before the run fails; default: the option `sync.maxRejected`. */
  readonly maxRejected?: number
}

/** How to run otherwise than registered, how far, and whom to tell. */
export interface RunOptions<P extends AnyProvider, R extends string, Item, T extends TenantId, Tx>
  extends PageOptions<P, R, Item, T, Tx>,
    RunBudget {
  /** Told after each page's commit, and not waited for. It may fail; nothing depends on it. */
  readonly onProgress?: (progress: SyncProgress) => unknown
}

/** Items of another kind than the resource's are nothing for its registered handler. */
type Handled<Item, Registered> = [Item] extends [Registered] ? unknown : { readonly onPage: object }

/** When a sync shall run by itself. */
export type ScheduleRequest = (
  | {
      /** Milliseconds between the times at which it is due, at least 1,000. The first time is at once. */
      readonly everyMs: number
      readonly cron?: undefined
      readonly timeZone?: undefined
    }
  | {
      /** E.g. `0 3 * * *`; six fields begin with seconds. */
      readonly cron: string
      /** IANA name, e.g. `Europe/Bucharest`. Default: `UTC`. */
      readonly timeZone?: string
      readonly everyMs?: undefined
    }
) & {
  /** With `everyMs` the first time is put off by a random part of this, with `cron` each: many connections don't start at once. Default 0. */
  readonly jitterMs?: number
}

/** How much of what is due to run. */
export interface RunDueOptions {
  /** Most syncs. Default 100. */
  readonly limit?: number
  /** Most syncs of one tenant while others wait. Default 10. */
  readonly perTenant?: number
  /** Syncs at a time. Default 4. */
  readonly concurrency?: number
  /** Milliseconds after which a run begins no further page; it stays due. Default: no limit. */
  readonly maxMs?: number
  /** Stops all of them; they stay due. */
  readonly signal?: AbortSignal
}

/** The verbs on the syncs of all tenants. */
export interface OperatorSyncVerbs<P extends AnyProvider, T extends TenantId, Tx = unknown>
  extends SyncVerbs<P, T, Tx> {
  /**
   * Runs the syncs whose schedule says so, of all tenants, and answers what became of each. A worker does so by itself
   * (`work`); without one call it every few seconds, from as many processes as you like. Who waits longest comes first, but
   * no tenant holds up the others.
   *
   * @throws {ConnectorsError} `INVALID_INPUT`, `STORE_UNAVAILABLE`.
   */
  runDue(options?: RunDueOptions): Promise<readonly DueRun<T>[]>
  /** What `runDue` would run, in that order; runs nothing. Takes its `limit` and `perTenant`. */
  due(options?: Pick<RunDueOptions, 'limit' | 'perTenant'>): Promise<readonly DueSync<T>[]>
  /** Runs one sync if it is due, and answers what became of it; `null` if it isn't, or if somebody else was faster. */
  runIfDue(
    connectionId: string,
    resource: ResourceOf<P>,
    options?: Pick<RunDueOptions, 'maxMs' | 'signal'>,
  ): Promise<DueRun<T> | null>
}

/**
 * The verbs on syncs. Each page's handler and cursor commit together.
 *
 * All throw `CONNECTION_NOT_FOUND` and `UNKNOWN_RESOURCE`; those that run also `HANDLER_MISSING`, and `INVALID_INPUT` for
 * wrong options. How a run ended is in its result.
 */
export interface SyncVerbs<P extends AnyProvider, T extends TenantId, Tx = unknown> {
  /** Fetches and handles one page. */
  page<Q extends P, R extends ResourceOf<Q>, Item = ItemOf<Q, R>>(
    connectionId: string,
    resource: R,
    options?: PageOptions<Q, R, Item, T, Tx> & Handled<Item, ItemOf<Q, R>>,
  ): Promise<SyncResult>
  /**
   * Fetches and handles pages until the end or the budget is reached.
   *
   * @example
   * await acme.sync.run(store.id, 'orders', {
   *   stateKey: 'orders:archived',
   *   fetch: (adapter, { cursor }) => adapter.listArchivedOrders(cursor),
   *   onPage: async ({ items, tx }) => { … },
   * })
   */
  run<Q extends P, R extends ResourceOf<Q>, Item = ItemOf<Q, R>>(
    connectionId: string,
    resource: R,
    options?: RunOptions<Q, R, Item, T, Tx> & Handled<Item, ItemOf<Q, R>>,
  ): Promise<SyncResult>
  /**
   * Starts a new full pass from the beginning, a generation, and runs it. If it is interrupted, `run` goes on with it; a
   * second `full` begins anew. When it reaches the end, the handler's `onSweep` is called.
   */
  full<Q extends P, R extends ResourceOf<Q>, Item = ItemOf<Q, R>>(
    connectionId: string,
    resource: R,
    options?: RunOptions<Q, R, Item, T, Tx> & Handled<Item, ItemOf<Q, R>>,
  ): Promise<SyncResult>
  /** Where the sync of a resource stands, or that of a state key; `null` before its first run. */
  state<R extends ResourceOf<P>>(connectionId: string, key: R | `${R}:${string}`): Promise<SyncStateView<T> | null>
  /** Where syncs stand, oldest first. Of other connections than the tenant's own there are none. */
  states(filter?: SyncStateFilter): Listing<SyncStateView<T>>
  /**
   * Stops the run that is under way, in whatever process: it commits no further page and ends as `partial` (`lease-lost`). What it
   * has committed stays, and the next run goes on from there. Answers the state, or `null` if there is none.
   */
  cancel<R extends ResourceOf<P>>(connectionId: string, key: R | `${R}:${string}`): Promise<SyncStateView<T> | null>
  /**
   * Forgets how far a sync has come: the next run begins from the beginning, without a sweep (that is `full`). A run under way
   * ends as in `cancel`. Answers the state, or `null` if there is none.
   */
  reset<R extends ResourceOf<P>>(connectionId: string, key: R | `${R}:${string}`): Promise<SyncStateView<T> | null>
  /**
   * Has the resource run by itself, by `operator.sync.runDue`. In place of the schedule it had, paused or not.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for a schedule that can't be read, or a state key.
   */
  schedule(connectionId: string, resource: ResourceOf<P>, schedule: ScheduleRequest): Promise<SyncStateView<T>>
  /** Takes the schedule away; a run under way goes on. `null` if it never had one and never ran. */
  unschedule(connectionId: string, resource: ResourceOf<P>): Promise<SyncStateView<T> | null>
  /**
   * Has a sync run soon, by whoever runs what is due (`operator.sync.runDue`, a worker): now, or after the run that is under
   * way. It is kept in the row, so it can't get lost, and asking twice is asking once. With `isFull` a full pass begins anew.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for a state key.
   */
  request(
    connectionId: string,
    resource: ResourceOf<P>,
    options?: { readonly isFull?: boolean },
  ): Promise<SyncStateView<T>>
  /** Suspends the schedule, not the connection. @throws {ConnectorsError} `INVALID_INPUT` if there is none. */
  pause(connectionId: string, resource: ResourceOf<P>): Promise<SyncStateView<T>>
  /** Has the schedule begin anew: with `everyMs` it is due at once. @throws {ConnectorsError} as `pause`. */
  resume(connectionId: string, resource: ResourceOf<P>): Promise<SyncStateView<T>>
}

import type { Page, PageRequest } from '../domain/page.ts'
import type { SyncState, SyncStatus } from '../domain/sync-state.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'

/** Names one sync state of one tenant. */
export interface SyncStateRef<T extends TenantId> {
  readonly tenantId: T
  readonly connectionId: string
  readonly resourceType: string
}

/**
 * What a holder of the lease proves itself with: a write matches only while the fence is the row's and the lease
 * has not been given back (by `release`, `fail` or a complete `commit`).
 */
export interface LeaseClaim {
  readonly fence: number
}

/** Which sync states to list: those that everything named here is true of. */
export interface SyncStateFilter {
  readonly connectionId?: string
  readonly resourceType?: string
  /** As users see it: `running` while somebody holds the lease, `idle` where a run ended without a word. */
  readonly status?: SyncStatus
}

/** Stores sync states. See {@link RepositorySet} for the rules all verbs follow. */
export interface SyncStateRepository<T extends TenantId> {
  /** The state, or `null` if it doesn't exist or lies outside the scope. */
  readonly find: (query: {
    readonly scope: Scope<T>
    readonly connectionId: string
    readonly resourceType: string
  }) => Promise<SyncState<T> | null>

  /** States in ascending order of id, as they are at an instant. A page is full as long as there are more. */
  readonly list: (
    query: { readonly scope: Scope<T>; readonly filter: SyncStateFilter; readonly at: Date } & PageRequest,
  ) => Promise<Page<SyncState<T>>>

  /**
   * Takes the lease of a state, creating the row if there is none. Of concurrent calls exactly one wins.
   * A lease may be taken when nobody holds it or `clockSkewMs` after it expired. Raises the fence, sets `running`.
   * With `begin: 'full'` a new generation starts: mode `full`, cursor and trail `null`, `generation + 1`, `generationStartedAt = at`,
   * and no full pass is requested any more.
   * Answers the row as taken, or `null` if someone else holds it.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND` when the row has to be created, and its tenant has no such connection;
   *   `INVALID_INPUT` when no database can hold the names, or this one takes them for those of another row.
   */
  readonly acquire: (
    ref: SyncStateRef<T>,
    lease: {
      /** Id of the row if it has to be created. */
      readonly id: string
      readonly owner: string
      readonly at: Date
      readonly leaseMs: number
      readonly clockSkewMs: number
      readonly begin: 'resume' | 'full'
    },
  ) => Promise<SyncState<T> | null>

  /**
   * Moves the end of the lease to `at + leaseMs`; the holder keeps its fence.
   * As the first statement of a transaction it refuses a stale holder before anything else happens.
   *
   * @throws {ConnectorsError} `LEASE_LOST` when the fence isn't the row's any more; nothing is written.
   */
  readonly renew: (
    ref: SyncStateRef<T>,
    renewal: LeaseClaim & { readonly at: Date; readonly leaseMs: number },
  ) => Promise<void>

  /**
   * Moves the cursor after a page and raises the revision by one. `null` is a legal cursor. A row of failures ends with it:
   * no errors, and no time of a retry.
   * `complete` ends the pass: `completed`, `lastSyncAt = at`, mode `incremental`, no trail, lease released.
   *
   * @throws {ConnectorsError} `LEASE_LOST` when fence or revision aren't the row's any more; nothing is written.
   */
  readonly commit: (
    ref: SyncStateRef<T>,
    progress: LeaseClaim & {
      readonly revision: number
      readonly at: Date
      readonly cursor: string | null
      /** Kept as it is until the pass ends. */
      readonly trail: string | null
      readonly itemCount: number
      readonly complete: boolean
    },
  ) => Promise<void>

  /**
   * Ends a run that failed: `failed`, one more error, lease released, cursor untouched.
   *
   * @throws {ConnectorsError} `LEASE_LOST` when the fence isn't the row's any more; nothing is written.
   */
  readonly fail: (
    ref: SyncStateRef<T>,
    failure: LeaseClaim & { readonly at: Date; readonly error: string; readonly nextSyncAt: Date },
  ) => Promise<void>

  /**
   * Writes the schedule and when it is due, creating the row if there is none: `idle`, from the beginning, held by nobody.
   * Whoever holds the lease keeps it. Answers the row as written.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND` when a row would have to be created on a connection that the tenant doesn't have.
   */
  readonly schedule: (
    ref: SyncStateRef<T>,
    change: {
      /** Id of the row if it has to be created. */
      readonly id: string
      readonly at: Date
      readonly schedule: string | null
      readonly dueAt: Date | null
    },
  ) => Promise<SyncState<T>>

  /**
   * Has a state run soon: due at `at`, whatever it was before, without waiting for the time of a retry; and with `isFull` a
   * full pass is requested. Creates the row if there is none; its schedule stays as it is, and whoever holds the lease keeps it. Answers the row as written.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND` as in `schedule`.
   */
  readonly request: (
    ref: SyncStateRef<T>,
    request: {
      /** Id of the row if it has to be created. */
      readonly id: string
      readonly at: Date
      readonly isFull: boolean
    },
  ) => Promise<SyncState<T>>

  /**
   * Moves a row that is due on to its next time (`null`: none), if it is still due at exactly `from`; answers whether. Of
   * concurrent calls exactly one moves it, and a schedule or request that came meanwhile stays as it is.
   */
  readonly moveDue: (
    ref: SyncStateRef<T>,
    change: { readonly at: Date; readonly from: Date; readonly to: Date | null },
  ) => Promise<boolean>

  /**
   * States of all tenants that are due at `at` and that nobody holds, or whose lease expired more than `clockSkewMs` ago. Those
   * that have waited longest come first, but at most `perTenant` of one tenant while others wait; what is then left of the
   * limit is theirs again, at the end. The walk is along an index.
   */
  readonly due: (query: {
    readonly at: Date
    readonly clockSkewMs: number
    readonly limit: number
    readonly perTenant: number
  }) => Promise<readonly SyncState<T>[]>

  /**
   * Takes the lease from whoever holds it: `idle`, and their next write is refused by the fence. With `forget` the state is as
   * if it never ran, whether somebody holds it or not: from the beginning, incremental, without errors; schedule, generation and
   * count of items stay. Answers the row as written, or `null` if there was nothing to do.
   */
  readonly interrupt: (
    ref: SyncStateRef<T>,
    change: { readonly at: Date; readonly forget: boolean },
  ) => Promise<SyncState<T> | null>

  /** Gives the lease back before the end was reached. A stale fence changes nothing. */
  readonly release: (
    ref: SyncStateRef<T>,
    release: LeaseClaim & { readonly at: Date; readonly status: SyncStatus },
  ) => Promise<void>
}

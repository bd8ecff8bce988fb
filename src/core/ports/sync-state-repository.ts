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

/** Stores sync states. See {@link RepositorySet} for the rules all verbs follow. */
export interface SyncStateRepository<T extends TenantId> {
  /** The state, or `null` if it doesn't exist or lies outside the scope. */
  readonly find: (query: {
    readonly scope: Scope<T>
    readonly connectionId: string
    readonly resourceType: string
  }) => Promise<SyncState<T> | null>

  /** States (of one connection, if named) in ascending order of id. */
  readonly list: (
    query: { readonly scope: Scope<T>; readonly connectionId?: string } & PageRequest,
  ) => Promise<Page<SyncState<T>>>

  /**
   * Takes the lease of a state, creating the row if there is none. Of concurrent calls exactly one wins.
   * A lease may be taken when nobody holds it or `clockSkewMs` after it expired. Raises the fence, sets `running`.
   * With `begin: 'full'` a new generation starts: mode `full`, cursor and trail `null`, `generation + 1`, `generationStartedAt = at`.
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
   * Moves the cursor after a page and raises the revision by one. `null` is a legal cursor.
   * `complete` ends the pass: `completed`, `lastSyncAt = at`, mode `incremental`, no trail, no errors and no time of a retry, lease released.
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

  /** Gives the lease back before the end was reached. A stale fence changes nothing. */
  readonly release: (
    ref: SyncStateRef<T>,
    release: LeaseClaim & { readonly at: Date; readonly status: SyncStatus },
  ) => Promise<void>
}

import type { Connection } from '../domain/connection.ts'
import type { Adapter, AnyProvider, Resource } from '../domain/provider.ts'
import type { SyncProgress } from '../domain/sync-result.ts'
import type { SyncState } from '../domain/sync-state.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { SyncStateRef } from '../ports/sync-state-repository.ts'
import type { RunBudget } from '../sync-verbs.ts'
import type { PageWork } from './page-work.ts'

/** A run that has the lease. */
export interface RunWithLease<T extends TenantId> {
  readonly scope: Scope<T>
  readonly connection: Connection<T>
  readonly provider: AnyProvider
  readonly resource: string
  /** The resource's own way to fetch, or that of the call. */
  readonly definition: Pick<Resource<Adapter, unknown>, 'incremental' | 'fetch'>
  readonly work: PageWork
  readonly maxRejected: number
  readonly ref: SyncStateRef<T>
  readonly state: SyncState<T>
  readonly acquiredAt: Date
  readonly runId: string
  readonly budget: RunBudget
  /** Told before the first page. */
  readonly onStart: () => void
  /** Told of every page, after its commit. */
  readonly onPage: (page: Pick<SyncProgress, 'itemCount' | 'rejected' | 'hasMore'>, progress: SyncProgress) => void
}

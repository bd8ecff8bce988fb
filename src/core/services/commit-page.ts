import { isConnectorsError } from '../domain/errors.ts'
import { type Trail, trailText } from '../domain/page-trail.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Repositories } from '../ports/repositories.ts'
import type { SyncStateRef } from '../ports/sync-state-repository.ts'
import type { PreparedHandler } from './prepare-handler.ts'
import type { TransactionGuard } from './transaction-guard.ts'

/** A page that is ready to be handled and committed. */
export interface PageToCommit<T extends TenantId> {
  readonly ref: SyncStateRef<T>
  readonly fence: number
  /** The revision that the page follows. */
  readonly revision: number
  readonly leaseMs: number
  /** Run in order, all or none. */
  readonly handlers: readonly PreparedHandler[]
  readonly cursor: string | null
  readonly trail: Trail
  readonly itemCount: number
  readonly complete: boolean
}

/**
 * Commits handlers and cursor of a page in one transaction: both happen once, or neither.
 *
 * @throws {ConnectorsError} `LEASE_LOST` before the handler runs, if someone else has the lease; `HANDLER_FAILED`,
 *   `HANDLER_TIMEOUT`, `TOO_MANY_REJECTED`, and what the store throws. Nothing was written then.
 */
export type CommitPage<T extends TenantId> = (page: PageToCommit<T>) => Promise<void>

/** A committer over the store's transactions. */
export function createCommitPage<T extends TenantId>({
  repositories,
  guard,
  clock,
  limits,
}: {
  readonly repositories: Repositories<T>
  readonly guard: TransactionGuard
  readonly clock: Clock
  readonly limits: ResolvedOptions['transaction']
}): CommitPage<T> {
  /** The answer to a COMMIT can be lost although it happened; the revision tells. */
  const isCommitted = async ({ ref, fence, revision }: PageToCommit<T>) => {
    const state = await repositories.syncStates.find({ scope: operatorScope, ...ref })
    return state?.fence === fence && state.revision === revision + 1
  }

  return async (page) => {
    const { ref, fence, revision, leaseMs, cursor, itemCount, complete } = page
    const trail = trailText(page.trail)
    try {
      await repositories.transaction(
        ({ repositories: bound, tx }) =>
          guard.enter(async () => {
            // First of all: it refuses a stale holder before user code runs, and makes SQLite take its write lock.
            await bound.syncStates.renew(ref, { fence, at: clock.now(), leaseMs })
            for (const handler of page.handlers) await handler.run({ tx })
            await bound.syncStates.commit(ref, { fence, revision, at: clock.now(), cursor, trail, itemCount, complete })
          }),
        limits,
      )
    } catch (thrown) {
      const error = page.handlers.reduce((explained, handler) => handler.explain(explained), thrown)
      const isRolledBack = error !== thrown || isConnectorsError(error, 'LEASE_LOST')
      if (isRolledBack || !(await isCommitted(page))) throw error
    }
  }
}

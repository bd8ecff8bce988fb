import { type AnyConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { parseTrail } from '../domain/page-trail.ts'
import type { PartialReason, RejectedItem, SyncCounts, SyncResult } from '../domain/sync-result.ts'
import { parseCursor } from '../domain/sync-state.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { SyncStateRepository } from '../ports/sync-state-repository.ts'
import type { FetchAhead } from './fetch-ahead.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import type { Lifecycle } from './lifecycle.ts'
import { linkAbort } from './linked-abort.ts'
import { createRunEnd } from './run-end.ts'
import type { RunPage } from './run-page.ts'
import type { RunWithLease } from './run-with-lease.ts'
import { syncFailureKind } from './sync-failure-kind.ts'

/** Fetches, handles and commits page after page until the end, the budget, or a failure; gives the lease back. */
export type SyncRun<T extends TenantId> = (run: RunWithLease<T>) => Promise<SyncResult>

/** Makes the run. */
export function createSyncRun<T extends TenantId>({
  syncStates,
  runPage,
  lifecycle,
  clock,
  randomness,
  logger,
  options,
}: {
  readonly syncStates: SyncStateRepository<T>
  readonly runPage: RunPage<T>
  readonly lifecycle: Pick<Lifecycle, 'signal'>
  readonly clock: Clock
  readonly randomness: Randomness
  readonly logger: Logger
  readonly options: Pick<ResolvedOptions, 'sync'>
}): SyncRun<T> {
  const { leaseMs } = options.sync

  const { giveBack, recordFailure } = createRunEnd({ syncStates, clock, randomness, logger })

  const runPages: SyncRun<T> = async (run) => {
    const { connection, resource, ref, state, runId, budget } = run
    const { fence } = state
    const keeper = createLeaseKeeper({
      acquiredAt: run.acquiredAt,
      leaseMs,
      renew: (at, ms) => syncStates.renew(ref, { fence, at, leaseMs: ms }),
      clock,
      logger,
    })
    const abort = linkAbort([budget.signal, lifecycle.signal, keeper.lost])
    let cursor = state.cursor
    let trail = parseTrail(state.trail)
    let pageCount = 0
    let itemCount = 0
    const next: { ahead: FetchAhead | null } = { ahead: null }
    let rejected: readonly RejectedItem[] = []
    const counts = (): SyncCounts => ({
      runId,
      pageCount,
      itemCount,
      rejectedCount: rejected.length,
      rejected,
      guarantee: run.work.guarantee,
      cursor: parseCursor(cursor),
    })

    /** What of the budget is used up after so many pages. */
    const budgetEnd = (pages: number): PartialReason | null => {
      if (pages >= (budget.maxPages ?? Number.POSITIVE_INFINITY)) return 'max-pages'
      const elapsedMs = clock.now().getTime() - run.acquiredAt.getTime()
      return elapsedMs >= (budget.maxMs ?? Number.POSITIVE_INFINITY) ? 'max-ms' : null
    }

    const onePage = async (): Promise<{ readonly hasMore: boolean }> => {
      const {
        itemCount: added,
        hasMore,
        ...page
      } = await runPage(run, {
        keeper,
        signal: abort.signal,
        cursor,
        trail,
        revision: state.revision + pageCount,
        rejectedCount: rejected.length,
        ahead: next.ahead,
        mayFetchAhead: () => !abort.signal.aborted && budgetEnd(pageCount + 1) === null,
      })
      next.ahead = page.ahead
      cursor = page.cursor
      trail = page.trail
      pageCount += 1
      itemCount += added
      if (page.rejected.length > 0) {
        rejected = [...rejected, ...page.rejected]
        const where = { connectionId: connection.id, resource, stateKey: ref.resourceType, runId }
        logger.warn({ ...where, rejected: page.rejected }, 'items were rejected')
      }
      run.onPage({ itemCount: added, rejected: page.rejected, hasMore }, { ...counts(), hasMore })
      return { hasMore }
    }

    const stopReason = (): PartialReason | null => {
      if (keeper.lost.aborted) return 'lease-lost'
      return abort.signal.aborted ? 'aborted' : budgetEnd(pageCount)
    }

    const stop = async (reason: PartialReason): Promise<SyncResult> => {
      if (reason !== 'lease-lost') await giveBack(run, 'idle')
      return { status: 'partial', reason, ...counts() }
    }

    const fail = async (error: AnyConnectorsError): Promise<SyncResult> => {
      await recordFailure(run, error, pageCount)
      return { status: 'failed', kind: syncFailureKind(error.code), error, ...counts() }
    }

    try {
      run.onStart()
      for (;;) {
        const reason = stopReason()
        if (reason !== null) return await stop(reason)
        const { hasMore } = await onePage()
        if (!hasMore) return { status: 'completed', ...counts() }
      }
    } catch (thrown) {
      if (isConnectorsError(thrown, 'LEASE_LOST') || keeper.lost.aborted) return stop('lease-lost')
      if (isConnectorsError(thrown, 'CONNECTION_NOT_OPERATIONAL')) return stop('not-operational')
      if (!isConnectorsError(thrown)) throw thrown
      // A provider that is told to stop may fail in its own way.
      if (abort.signal.aborted && syncFailureKind(thrown.code) !== 'handler') return stop('aborted')
      return fail(thrown)
    } finally {
      await next.ahead?.cancel()
      abort.unlink()
    }
  }

  return async (run) => {
    try {
      return await runPages(run)
    } catch (thrown) {
      // A mistake in the program, of the user's or of ours: it has to be seen, but must not keep the next run away.
      await giveBack(run, 'failed')
      throw thrown
    }
  }
}

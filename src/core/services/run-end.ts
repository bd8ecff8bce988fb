import { exponentialBackoff } from '../domain/backoff.ts'
import type { AnyConnectorsError } from '../domain/errors.ts'
import { maxRetryAfterMs } from '../domain/pause.ts'
import { storableText } from '../domain/storable-text.ts'
import type { SyncStatus } from '../domain/sync-state.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { SyncStateRepository } from '../ports/sync-state-repository.ts'
import type { RunWithLease } from './run-with-lease.ts'

/** Writes down how a run ended before the end of its listing. Never throws: what was committed is committed. */
export interface RunEnd<T extends TenantId> {
  /** Gives the lease back, so that the next run needn't wait until it expires. */
  readonly giveBack: (run: RunWithLease<T>, status: SyncStatus) => Promise<void>
  /** Records a failure and when the run may be tried again; `pageCount` = pages that were committed before. */
  readonly recordFailure: (run: RunWithLease<T>, error: AnyConnectorsError, pageCount: number) => Promise<void>
}

const failureBackoff = { baseMs: 30_000, capMs: 6 * 60 * 60 * 1_000 }
const maxErrorLength = 2_000

/** The ends of runs, over the store. */
export function createRunEnd<T extends TenantId>({
  syncStates,
  clock,
  randomness,
  logger,
}: {
  readonly syncStates: Pick<SyncStateRepository<T>, 'release' | 'fail'>
  readonly clock: Clock
  readonly randomness: Randomness
  readonly logger: Logger
}): RunEnd<T> {
  const giveBack: RunEnd<T>['giveBack'] = async ({ ref, state, connection, resource }, status) => {
    try {
      await syncStates.release(ref, { fence: state.fence, at: clock.now(), status })
    } catch (error) {
      // What was committed is committed; the lease expires by itself.
      logger.warn({ err: error, connectionId: connection.id, resource }, 'a lease could not be given back')
    }
  }

  return {
    giveBack,
    recordFailure: async (run, error, pageCount) => {
      const { ref, state, connection, resource } = run
      const at = clock.now()
      // A page that was committed has ended the row of failures before.
      const failureCount = pageCount > 0 ? 1 : state.errorCount + 1
      const backoffMs = exponentialBackoff(failureCount, { ...failureBackoff, fraction: randomness.fraction() })
      const waitMs = Math.max(backoffMs, Math.min(error.retryAfterMs ?? 0, maxRetryAfterMs))
      const failure = {
        fence: state.fence,
        at,
        error: storableText(error.message, maxErrorLength),
        nextSyncAt: new Date(at.getTime() + waitMs),
      }
      try {
        await syncStates.fail(ref, failure)
      } catch (thrown) {
        logger.error({ err: thrown, connectionId: connection.id, resource }, 'a failed run could not be recorded')
        await giveBack(run, 'failed')
      }
    },
  }
}

import { toConnectionView } from '../domain/connection.ts'
import type { Trail } from '../domain/page-trail.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import type { RejectedItem } from '../domain/sync-result.ts'
import { parseCursor } from '../domain/sync-state.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import { type CheckedPage, checkPage } from './check-page.ts'
import type { CommitPage } from './commit-page.ts'
import { type FetchAhead, type FetchAheadSteps, fetchAhead } from './fetch-ahead.ts'
import type { GateCopies } from './gate-copies.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { type PreparedHandler, prepareHandler } from './prepare-handler.ts'
import { createRejections } from './rejections.ts'
import type { RunOperation } from './run-operation.ts'
import type { RunWithLease } from './run-with-lease.ts'
import { untilAborted } from './until-aborted.ts'

/** Where a page of a run begins. */
export interface PageStart {
  readonly keeper: LeaseKeeper
  readonly signal: AbortSignal
  /** As stored. */
  readonly cursor: string | null
  /** Where the run has been. */
  readonly trail: Trail
  /** The revision that the page follows. */
  readonly revision: number
  /** How many items the run has rejected in earlier pages. */
  readonly rejectedCount: number
  /** The page itself, if it was fetched while the one before was handled. */
  readonly ahead: FetchAhead | null
  /** Whether the budget allows another page after this one. */
  readonly mayFetchAhead: () => boolean
}

/** A page after its commit. */
export interface CommittedPage {
  readonly itemCount: number
  readonly rejected: readonly RejectedItem[]
  /** As stored. */
  readonly cursor: string | null
  readonly trail: Trail
  readonly hasMore: boolean
  /** The page that follows, on its way; to be handled or cancelled. */
  readonly ahead: FetchAhead | null
}

/** Fetches, handles and commits one page of a run. Throws what goes wrong; nothing was committed then. */
export type RunPage<T extends TenantId> = (run: RunWithLease<T>, start: PageStart) => Promise<CommittedPage>

/** Makes the step of a run. */
export function createRunPage<T extends TenantId>({
  runOperation,
  commitPage,
  copies,
  clock,
  options,
}: {
  readonly runOperation: RunOperation<T>
  readonly commitPage: CommitPage<T>
  readonly copies: Pick<GateCopies<T>, 'read'>
  readonly clock: Clock
  readonly options: Pick<ResolvedOptions, 'sync' | 'transaction' | 'clockSkewMs'>
}): RunPage<T> {
  const { leaseMs } = options.sync
  /** A lease has to outlive the transaction that it protects. */
  const transactionMs = options.transaction.timeoutMs + options.transaction.maxWaitMs

  const fetchPage = (
    run: RunWithLease<T>,
    cursor: string | null,
    { signal, admit, released }: Pick<FetchAheadSteps, 'signal'> & Partial<FetchAheadSteps>,
  ) =>
    runOperation(
      {
        scope: run.scope,
        connectionId: run.connection.id,
        action: `sync ${run.ref.resourceType}`,
        runId: run.runId,
        signal,
        read: 'copy',
      },
      async ({ adapter }) => {
        admit?.()
        try {
          // Leaving it alone is safe: only what comes back in time is ever committed.
          return await untilAborted(signal, () =>
            run.definition.fetch(adapter, { cursor: parseCursor(cursor), signal }),
          )
        } finally {
          await released
        }
      },
    )

  /** What has just been deleted must not come back by a page that was under way. */
  const refuseGone = async ({ scope, connection }: RunWithLease<T>) => {
    refuseDeleted(await copies.read(scope, connection.id))
  }

  const handlePage = async (run: RunWithLease<T>, start: PageStart, page: CheckedPage, ahead: FetchAhead | null) => {
    const { connection, provider, resource, work, ref, state, runId } = run
    const { keeper, signal } = start
    await refuseGone(run)
    const about = {
      provider: provider.name,
      connection: toConnectionView(connection, clock.now()),
      resource,
      stateKey: ref.resourceType,
      runId,
      generation: state.generation,
    }
    const rejections = createRejections({ before: start.rejectedCount, max: run.maxRejected })
    const { mode } = state
    const context = { ...about, items: page.items, mode, reject: rejections.reject, signal }
    const name = `${provider.family}.${resource}`
    const prepareAll = async (): Promise<readonly PreparedHandler[]> => {
      const handler = await prepareHandler(work.page, context, name)
      rejections.check()
      const counting: PreparedHandler = {
        ...handler,
        run: async (transaction) => {
          rejections.beginAttempt()
          await handler.run(transaction)
          rejections.check()
        },
      }
      if (work.sweep === null || mode !== 'full' || page.hasMore) return [counting]
      // A run that was called off meanwhile may have been followed by another.
      signal.throwIfAborted()
      const startedAt = new Date(Number(state.generationStartedAt) - options.clockSkewMs)
      return [counting, await prepareHandler(work.sweep, { ...about, startedAt }, `${name} (onSweep)`)]
    }
    const handlers = await keeper.during(() => untilAborted(signal, prepareAll))
    await refuseGone(run)
    await keeper.ensure(transactionMs)
    // From here on nothing of ours may need another connection to the database.
    await ahead?.admitted
    const committingAt = clock.now()
    const committingMs = Math.max(leaseMs, transactionMs)
    await commitPage({
      ref,
      fence: state.fence,
      revision: start.revision,
      leaseMs: committingMs,
      handlers,
      cursor: page.cursor,
      trail: page.trail,
      itemCount: page.items.length,
      complete: !page.hasMore,
    })
    keeper.renewed(committingAt, committingMs)
    return rejections.items()
  }

  return async (run, start) => {
    const { keeper, signal } = start
    start.ahead?.release()
    const fetched = await keeper.during(() => start.ahead?.page ?? fetchPage(run, start.cursor, { signal }))
    const page = checkPage(fetched, {
      before: start.cursor,
      trail: start.trail,
      incremental: run.definition.incremental,
      name: `${run.provider.name}.${run.resource}`,
    })
    const { cursor, trail, hasMore } = page
    const ahead = hasMore && start.mayFetchAhead() ? fetchAhead(signal, (steps) => fetchPage(run, cursor, steps)) : null
    try {
      const rejected = await handlePage(run, start, page, ahead)
      return { itemCount: page.items.length, rejected, cursor, trail, hasMore, ahead }
    } catch (error) {
      await ahead?.cancel()
      throw error
    }
  }
}

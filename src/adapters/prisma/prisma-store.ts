import type { TenantId } from '../../core/domain/tenant.ts'
import type { TransactionLimits } from '../../core/ports/repositories.ts'
import { handlerTimeout } from '../kit/handler-timeout.ts'
import { retryBusy } from '../kit/retry-busy.ts'
import type { TurnQueue } from '../kit/turn-queue.ts'
import { withinTime } from '../kit/within-time.ts'
import type { PrismaModels } from './prisma-client-like.ts'
import { isBusy, isPrismaError, prismaFailure, toStoreError } from './prisma-error.ts'
import { type PrismaSession, transactionSession } from './prisma-session.ts'

/** A Prisma client as the store sees it. */
export interface PrismaHandle<T extends TenantId> {
  readonly models: PrismaModels<T>
  /** Opens a transaction of the client's. */
  readonly begin: <R>(
    work: (models: PrismaModels<T>, tx: unknown) => Promise<R>,
    limits: { readonly timeout: number; readonly maxWait: number },
  ) => Promise<R>
}

/** The work of a transaction: a session bound to it, and the client's own handle. */
export type PrismaWork<T extends TenantId, R> = (session: PrismaSession<T>, tx: unknown) => Promise<R>

/** Everything that is done through one client: one after another, and again while the store is busy. */
export interface PrismaStore<T extends TenantId> {
  readonly session: PrismaSession<T>
  /** As `Repositories.transaction` says. */
  readonly transaction: <R>(work: PrismaWork<T, R>, limits: TransactionLimits) => Promise<R>
}

// The few statements of one verb; only a machine that stands still takes longer.
const verbTimeoutMs = 30_000

/** The store over a client. Verbs outside of transactions wait for their turn for `maxWaitMs`. */
export function prismaStore<T extends TenantId>(
  { models, begin }: PrismaHandle<T>,
  turns: TurnQueue,
  maxWaitMs: number,
): PrismaStore<T> {
  const inTurn = async <R>(waitMs: number, attempt: () => Promise<R>): Promise<R> => {
    const endTurn = await turns.take(waitMs)
    try {
      return await retryBusy(attempt, isBusy)
    } catch (error) {
      throw isBusy(error) ? toStoreError(error) : error
    } finally {
      endTurn()
    }
  }

  const transaction: PrismaStore<T>['transaction'] = (work, limits) =>
    inTurn(limits.maxWaitMs, async () => {
      let isOpen = true
      let isFromWork = false
      try {
        return await begin(
          async (bound, tx) => {
            // SQLite lets nobody go from reading to writing once another process wrote in between: so every
            // transaction begins as a writer, whatever the work does first. This matches no row.
            await bound.connection.updateMany({ where: { id: '' }, data: { version: { increment: 1 } } })
            const session = transactionSession(bound, () => isOpen)
            try {
              return await withinTime(() => work(session, tx), limits.timeoutMs)
            } catch (error) {
              isFromWork = true
              throw error
            }
          },
          { timeout: limits.timeoutMs, maxWait: limits.maxWaitMs },
        )
      } catch (error) {
        const isExpired = isPrismaError(error) && prismaFailure(error) === 'expired'
        if (isExpired) throw handlerTimeout(limits.timeoutMs, error)
        // What the work throws is not ours to translate.
        throw isFromWork ? error : toStoreError(error)
      } finally {
        isOpen = false
      }
    })

  return {
    session: {
      run: (step) =>
        inTurn(maxWaitMs, async () => {
          try {
            return await step(models)
          } catch (error) {
            throw toStoreError(error)
          }
        }),
      atomic: (step) => transaction((session) => session.run(step), { timeoutMs: verbTimeoutMs, maxWaitMs }),
    },
    transaction,
  }
}

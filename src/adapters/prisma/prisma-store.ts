import { ConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { TransactionLimits } from '../../core/ports/repositories.ts'
import { handlerTimeout } from '../kit/handler-timeout.ts'
import { openTransaction } from '../kit/open-transaction.ts'
import { isBusy, retryBusy } from '../kit/retry-busy.ts'
import { timerDelay } from '../kit/timer-delay.ts'
import type { TurnQueue } from '../kit/turn-queue.ts'
import { withinTime } from '../kit/within-time.ts'
import type { PrismaModels } from './prisma-client-like.ts'
import type { PrismaDialect } from './prisma-dialect.ts'
import { isPrismaError, ownFailure, prismaFailure, toStoreError } from './prisma-error.ts'
import { type PrismaSession, transactionSession } from './prisma-session.ts'
import { type TransactionOperations, transactionOperations } from './transaction-operations.ts'

/** A Prisma client as the store sees it. */
export interface PrismaHandle<T extends TenantId> {
  readonly client: object
  readonly dialect: PrismaDialect
  readonly models: PrismaModels<T>
  /** Opens a transaction of the client's, with `around` around every operation in it. */
  readonly begin: <R>(
    work: (tx: object) => Promise<R>,
    limits: { readonly timeout: number; readonly maxWait: number },
    around: TransactionOperations['run'],
  ) => Promise<R>
  /** Runs work behind a savepoint of a transaction, where the client has them. */
  readonly nest: <R>(tx: object, work: (tx: object) => Promise<R>) => Promise<R>
  /** The models of a transaction handle. */
  readonly modelsOf: (tx: object) => PrismaModels<T>
}

/** The work of a transaction: a session bound to it, and the client's own handle. */
export type PrismaWork<T extends TenantId, R> = (session: PrismaSession<T>, tx: unknown) => Promise<R>

/** Everything that is done through one client, and again while the store is busy. */
export interface PrismaStore<T extends TenantId> {
  readonly session: PrismaSession<T>
  /** As `Repositories.transaction` says. */
  readonly transaction: <R>(work: PrismaWork<T, R>, limits: TransactionLimits) => Promise<R>
}

// The few statements of one verb; only a machine that stands still takes longer.
const verbTimeoutMs = 30_000

// The server's limit comes after ours, which says what happened.
const serverGraceMs = 5_000

// How long a rollback may take before whoever waits for it is told anyway.
const rollbackMs = 1_000

/**
 * The store over a client. On SQLite everybody waits for his turn, verbs outside of transactions for `maxWaitMs`;
 * elsewhere the client's pool says who waits how long.
 */
export function prismaStore<T extends TenantId>(
  handle: PrismaHandle<T>,
  turns: TurnQueue,
  maxWaitMs: number,
): PrismaStore<T> {
  const { dialect } = handle

  const inTurn = async <R>(waitMs: number, attempt: () => Promise<R>): Promise<R> => {
    const endTurn = dialect.hasOneWriter ? await turns.take(waitMs) : () => {}
    try {
      return await retryBusy(attempt, ownFailure)
    } catch (error) {
      throw isBusy(ownFailure(error)) ? toStoreError(error) : error
    } finally {
      endTurn()
    }
  }

  /** `isForeign`: work that isn't ours may catch the error of a statement and go on. */
  const transaction = <R>(work: PrismaWork<T, R>, limits: TransactionLimits, { isForeign }: { isForeign: boolean }) =>
    inTurn(limits.maxWaitMs, async () => {
      const operations = transactionOperations()
      let fromWork: { readonly error: unknown } | undefined
      const rollback = rollbackLimit()

      const timed = async (tx: object) => {
        const session = transactionSession(dialect, handle.modelsOf(tx), (step) =>
          handle.nest(tx, (inner) => step(handle.modelsOf(inner))),
        )
        const throughWith = async () => {
          const result = await work(session, tx)
          await operations.settled()
          return result
        }
        try {
          return await withinTime(throughWith, limits.timeoutMs)
        } catch (error) {
          fromWork = { error }
          // On SQLite nobody may have the next turn before the transaction is gone.
          if (!dialect.hasOneWriter) rollback.begin(error)
          // Before the savepoint around it is left: a savepoint of the work's own may be open, and Prisma then ends all of it.
          await operations.end()
          throw error
        }
      }
      const prepared = async (tx: object) => {
        // SQLite lets nobody go from reading to writing once another process wrote in between: so every
        // transaction begins as a writer, whatever the work does first.
        if (dialect.hasOneWriter) await writeNothing(handle.modelsOf(tx))
        await limitOnServer(tx, dialect, limits.timeoutMs)
        // A savepoint is gone when the transaction around it is: releasing it then fails.
        if (isForeign && dialect.diesOfErrors === 'silent') return handle.nest(tx, timed)
        const result = await timed(tx)
        // PostgreSQL answers the COMMIT of a transaction that it gave up with success.
        if (isForeign && dialect.diesOfErrors === 'refusing' && !operations.isProvenAlive())
          await execute(tx, 'SELECT 1')
        return result
      }
      const begun = handle.begin(
        (tx) => prepared(tx).finally(operations.end),
        // The time is ours: Prisma would roll back in the middle of an operation.
        { timeout: timerDelay(Number.POSITIVE_INFINITY), maxWait: limits.maxWaitMs },
        operations.run,
      )
      try {
        return await Promise.race([begun, rollback.isOver])
      } catch (error) {
        // What the work throws is not ours to translate; a rollback that fails after it must not hide it.
        const thrown = fromWork === undefined ? error : fromWork.error
        if (isPrismaError(thrown) && prismaFailure(thrown) === 'expired') throw handlerTimeout(limits.timeoutMs, thrown)
        throw fromWork === undefined ? toStoreError(thrown) : thrown
      } finally {
        rollback.end()
      }
    })

  const run: PrismaSession<T>['run'] = (step) =>
    inTurn(maxWaitMs, async () => {
      try {
        return await step(handle.models)
      } catch (error) {
        throw toStoreError(error)
      }
    })
  const atomic: PrismaSession<T>['atomic'] = async (step) => {
    try {
      const limits = { timeoutMs: verbTimeoutMs, maxWaitMs }
      return await transaction((session) => session.run(step), limits, { isForeign: false })
    } catch (error) {
      throw isConnectorsError(error, 'HANDLER_TIMEOUT') ? storeTooSlow(error) : error
    }
  }
  return {
    session: { dialect, run, atomic, write: dialect.hasReturning ? run : atomic, refusable: run },
    transaction: (work, limits) => openTransaction(handle.client, () => transaction(work, limits, { isForeign: true })),
  }
}

/**
 * Limits how long a caller waits for a rollback: behind a statement that waits for somebody's lock the rollback waits too,
 * but the COMMIT will never be sent.
 */
function rollbackLimit() {
  let timer: ReturnType<typeof setTimeout> | undefined
  let giveUp: (error: unknown) => void = () => {}
  const isOver = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  return {
    /** Rejects with the error when the rollback took too long. */
    isOver,
    begin: (error: unknown) => {
      timer = setTimeout(() => giveUp(error), rollbackMs)
    },
    end: () => clearTimeout(timer),
  }
}

/**
 * Has the server end what we can't: the transaction of a process that stands still, or can't be reached any more, would
 * keep its locks, and a lease that expired could not be taken over.
 */
async function limitOnServer(tx: object, { limitTransaction }: PrismaDialect, timeoutMs: number): Promise<void> {
  if (limitTransaction === null) return
  const ms = timerDelay(Math.ceil(Math.max(timeoutMs, 1)) + serverGraceMs)
  await execute(tx, limitTransaction(ms))
}

/** Runs a statement of ours. Every client of a database with SQL can. */
async function execute(tx: object, sql: string): Promise<void> {
  const { $executeRawUnsafe } = tx as { readonly $executeRawUnsafe: (sql: string) => Promise<unknown> }
  await $executeRawUnsafe.call(tx, sql)
}

/** A write that finds no row. */
async function writeNothing<T extends TenantId>({ connection }: PrismaModels<T>): Promise<void> {
  await connection.updateMany({ where: { id: '' }, data: { version: { increment: 1 } } })
}

function storeTooSlow(cause: unknown): ConnectorsError<'STORE_UNAVAILABLE'> {
  return new ConnectorsError(
    'STORE_UNAVAILABLE',
    `The store did not get through a few statements within ${verbTimeoutMs} ms; somebody may hold a lock for too long.`,
    { cause },
  )
}

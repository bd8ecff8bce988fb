import { is, sql } from 'drizzle-orm'
import { PgDatabase } from 'drizzle-orm/pg-core'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { TransactionLimits } from '../../core/ports/repositories.ts'
import { openTransaction } from '../kit/open-transaction.ts'
import { noTurn } from '../kit/refusals.ts'
import { isBusy, retryBusy } from '../kit/retry-busy.ts'
import { timerDelay } from '../kit/timer-delay.ts'
import { withinTime } from '../kit/within-time.ts'
import { ownFailure, toStoreError } from './drizzle-error.ts'
import type { DrizzleHandle, RecordTables } from './drizzle-like.ts'
import { type DrizzleSession, plainSession } from './drizzle-session.ts'
import { giveBackConnections } from './give-back-connections.ts'
import { guardTransaction } from './guard-transaction.ts'

/** The work of a transaction: a session bound to it, and the database's own handle. */
export type DrizzleWork<T extends TenantId, R> = (session: DrizzleSession<T>, tx: unknown) => Promise<R>

/** Everything that is done through one database, again while it is busy. */
export interface DrizzleStore<T extends TenantId> {
  readonly session: DrizzleSession<T>
  /** As `Repositories.transaction` says. */
  readonly transaction: <R>(work: DrizzleWork<T, R>, limits: TransactionLimits) => Promise<R>
}

// The few statements of one verb; only a machine that stands still takes longer.
const verbTimeoutMs = 30_000

/** The store over a database. Verbs that need a transaction wait for one for `maxWaitMs`. */
export function drizzleStore<T extends TenantId>(
  db: DrizzleHandle,
  tables: RecordTables<T>,
  maxWaitMs: number,
): DrizzleStore<T> {
  const whileBusy = async <R>(attempt: () => Promise<R>): Promise<R> => {
    try {
      return await retryBusy(attempt, ownFailure)
    } catch (error) {
      throw isBusy(ownFailure(error)) ? toStoreError(error) : error
    }
  }

  const attempt = async <R>(work: DrizzleWork<T, R>, { timeoutMs, maxWaitMs }: TransactionLimits): Promise<R> => {
    let failedWith: { readonly error: unknown } | undefined
    try {
      return await beginWithin(maxWaitMs, db, async (tx) => {
        const endGuard = guardTransaction(tx)
        try {
          await limitOnServer(tx, timeoutMs)
          return await withinTime(() => work(plainSession(tx, tables), tx), timeoutMs).catch((error: unknown) => {
            failedWith = { error }
            throw error
          })
        } finally {
          endGuard()
        }
      })
    } catch (error) {
      // What the work throws is not ours to translate, even if the rollback had more to say.
      throw failedWith === undefined ? toStoreError(error) : failedWith.error
    }
  }

  const transaction: DrizzleStore<T>['transaction'] = (work, limits) => whileBusy(() => attempt(work, limits))
  const { run } = plainSession(db, tables)
  const runWhileBusy: DrizzleSession<T>['run'] = (step) => whileBusy(() => run(step))
  return {
    session: {
      tables,
      run: runWhileBusy,
      refusable: runWhileBusy,
      atomic: (step) => transaction((session) => session.run(step), { timeoutMs: verbTimeoutMs, maxWaitMs }),
    },
    transaction: (work, limits) => openTransaction(db, () => transaction(work, limits)),
  }
}

/** Opens a transaction unless none is to be had in time; one that comes too late is rolled back without a statement. */
function beginWithin<R>(maxWaitMs: number, db: DrizzleHandle, work: (tx: DrizzleHandle) => Promise<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    let isTooLate = false
    const timer = setTimeout(() => {
      isTooLate = true
      reject(noTurn(maxWaitMs))
    }, timerDelay(maxWaitMs))
    const begun = async (tx: DrizzleHandle) => {
      clearTimeout(timer)
      if (isTooLate) throw noTurn(maxWaitMs)
      return work(tx)
    }
    // Whatever the database's default: under read committed an update waits for the row and then sees it as it is.
    const opened = is(db, PgDatabase)
      ? giveBackConnections(db).transaction(begun, { isolationLevel: 'read committed' })
      : db.transaction(begun)
    opened.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/**
 * Has the server end what we can't: a statement that is still running when the time is over, and the transaction of a
 * process that stands still or is gone. A file of SQLite has no server.
 */
async function limitOnServer(tx: DrizzleHandle, timeoutMs: number): Promise<void> {
  if (!is(tx, PgDatabase)) return
  const statementMs = Math.ceil(timerDelay(Math.max(timeoutMs, 1)))
  const idleMs = timerDelay(statementMs + 10_000)
  await tx.execute(
    sql`select set_config('statement_timeout', ${String(statementMs)}, true), set_config('idle_in_transaction_session_timeout', ${String(idleMs)}, true)`,
  )
}

import { is } from 'drizzle-orm'
import { PgTransaction } from 'drizzle-orm/pg-core'
import type { TenantId } from '../../core/domain/tenant.ts'
import { toStoreError } from './drizzle-error.ts'
import type { DrizzleHandle, QueriesLike, RecordTables } from './drizzle-like.ts'

/** Where the verbs of a repository run: on the database, or inside a transaction that is already open. */
export interface DrizzleSession<T extends TenantId> {
  readonly tables: RecordTables<T>
  /** Runs a step whose statements needn't be atomic together. Errors come out as ours. */
  readonly run: <R>(step: (db: QueriesLike) => PromiseLike<R>) => Promise<R>
  /** Runs a step all or nothing. Errors come out as ours. */
  readonly atomic: <R>(step: (db: QueriesLike) => PromiseLike<R>) => Promise<R>
  /** Runs a step which a foreign key may refuse, so that the refusal leaves the transaction around it whole. */
  readonly refusable: <R>(step: (db: QueriesLike) => PromiseLike<R>) => Promise<R>
}

/** A session that translates errors, and repeats nothing: inside of a transaction that is up to whoever opened it. */
export function plainSession<T extends TenantId>(db: DrizzleHandle, tables: RecordTables<T>): DrizzleSession<T> {
  const run: DrizzleSession<T>['run'] = async (step) => {
    try {
      return await step(db)
    } catch (error) {
      throw toStoreError(error)
    }
  }
  // Only PostgreSQL gives a transaction up after an error; a savepoint keeps the rest of it.
  const refusable: DrizzleSession<T>['run'] = is(db, PgTransaction)
    ? (step) => run(() => db.transaction(async (savepoint) => step(savepoint)))
    : run
  return { tables, run, atomic: run, refusable }
}

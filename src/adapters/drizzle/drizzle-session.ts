import type { TenantId } from '../../core/domain/tenant.ts'
import { toStoreError } from './drizzle-error.ts'
import type { QueriesLike, RecordTables } from './drizzle-like.ts'

/** Where the verbs of a repository run: on the database, or inside a transaction that is already open. */
export interface DrizzleSession<T extends TenantId> {
  readonly tables: RecordTables<T>
  /** Runs a step whose statements needn't be atomic together. Errors come out as ours. */
  readonly run: <R>(step: (db: QueriesLike) => PromiseLike<R>) => Promise<R>
  /** Runs a step all or nothing. Errors come out as ours. */
  readonly atomic: <R>(step: (db: QueriesLike) => PromiseLike<R>) => Promise<R>
}

/** A session inside an open transaction: nothing is repeated, that is up to whoever opened it. */
export function transactionSession<T extends TenantId>(db: QueriesLike, tables: RecordTables<T>): DrizzleSession<T> {
  const run: DrizzleSession<T>['run'] = async (step) => {
    try {
      return await step(db)
    } catch (error) {
      throw toStoreError(error)
    }
  }
  return { tables, run, atomic: run }
}

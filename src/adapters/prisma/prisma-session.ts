import type { TenantId } from '../../core/domain/tenant.ts'
import type { PrismaModels } from './prisma-client-like.ts'
import type { PrismaDialect } from './prisma-dialect.ts'
import { toStoreError } from './prisma-error.ts'

/** Something done with the models. */
export type PrismaStep<T extends TenantId, R> = (models: PrismaModels<T>) => Promise<R>

/** Where the verbs of a repository run: on the client, or inside a transaction that is already open. Errors come out as ours. */
export interface PrismaSession<T extends TenantId> {
  readonly dialect: PrismaDialect
  /** Runs a step whose statements needn't be atomic together. */
  readonly run: <R>(step: PrismaStep<T, R>) => Promise<R>
  /** Runs a step all or nothing. */
  readonly atomic: <R>(step: PrismaStep<T, R>) => Promise<R>
  /** Runs a guarded update that answers its row: a step of one statement where a write can do that, else of several, all or nothing. */
  readonly write: <R>(step: PrismaStep<T, R>) => Promise<R>
  /** Runs a step of one statement which the database may refuse, so that the refusal leaves the transaction around it whole. */
  readonly refusable: <R>(step: PrismaStep<T, R>) => Promise<R>
}

/**
 * A session inside an open transaction: nothing waits and nothing is repeated, that is up to whoever opened it.
 *
 * @param nest runs a step behind a savepoint
 */
export function transactionSession<T extends TenantId>(
  dialect: PrismaDialect,
  models: PrismaModels<T>,
  nest: <R>(step: PrismaStep<T, R>) => Promise<R>,
): PrismaSession<T> {
  const inside = async <R>(start: () => Promise<R>): Promise<R> => {
    try {
      return await start()
    } catch (error) {
      throw toStoreError(error)
    }
  }
  const run: PrismaSession<T>['run'] = (step) => inside(() => step(models))
  return {
    dialect,
    run,
    atomic: run,
    write: run,
    refusable: dialect.diesOfErrors === 'refusing' ? (step) => inside(() => nest(step)) : run,
  }
}

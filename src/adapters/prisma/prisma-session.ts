import { ConnectorsError } from '../../core/domain/errors.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { PrismaModels } from './prisma-client-like.ts'
import { toStoreError } from './prisma-error.ts'

/** Where the verbs of a repository run: on the client, or inside a transaction that is already open. */
export interface PrismaSession<T extends TenantId> {
  /** Runs a step whose statements needn't be atomic together. Errors come out as ours. */
  readonly run: <R>(step: (models: PrismaModels<T>) => Promise<R>) => Promise<R>
  /** Runs a step all or nothing. Errors come out as ours. */
  readonly atomic: <R>(step: (models: PrismaModels<T>) => Promise<R>) => Promise<R>
}

/** A session inside an open transaction: nothing waits and nothing is repeated, that is up to whoever opened it. */
export function transactionSession<T extends TenantId>(
  models: PrismaModels<T>,
  isOpen: () => boolean,
): PrismaSession<T> {
  const run: PrismaSession<T>['run'] = async (step) => {
    if (!isOpen()) {
      throw new ConnectorsError('STORE_FAILED', 'The transaction is over; nothing more can be done in it.')
    }
    try {
      return await step(models)
    } catch (error) {
      throw toStoreError(error)
    }
  }
  return { run, atomic: run }
}

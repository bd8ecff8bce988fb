import type { ConnectorsTransaction } from '../connectors.ts'
import type { Connection } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { kindOf } from '../domain/kind-of.ts'
import type { AnyProvider } from '../domain/provider.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Repositories, RepositorySet } from '../ports/repositories.ts'
import type { ConnectionService } from './connection-service.ts'
import { type Emitter, holdEvents } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import type { TransactionGuard } from './transaction-guard.ts'

/** Runs the user's writes and ours in one transaction; what there is to tell is told after the commit. */
export type RunTransaction<T extends TenantId, Tx> = <R>(
  work: (context: ConnectorsTransaction<AnyProvider, T, Tx>) => Promise<R>,
) => Promise<R>

/** Makes `connectors.transaction`. */
export function createRunTransaction<T extends TenantId, Tx>({
  repositories,
  connectionServiceOver,
  verbsOf,
  emitter,
  copies,
  guard,
  limits,
}: {
  readonly repositories: Repositories<T, Tx>
  /** The connection service over the repositories of the transaction; what it tells and writes is held back. */
  readonly connectionServiceOver: (
    bound: RepositorySet<T>,
    emitter: Pick<Emitter<T>, 'emit'>,
    copies: Pick<GateCopies<T>, 'put'>,
  ) => ConnectionService<T>
  /** The verbs of one tenant over a service. */
  readonly verbsOf: (
    service: ConnectionService<T>,
    tenantId: T,
  ) => ReturnType<ConnectorsTransaction<AnyProvider, T, Tx>['tenant']>
  readonly emitter: Emitter<T>
  readonly copies: Pick<GateCopies<T>, 'put' | 'forget'>
  readonly guard: TransactionGuard
  readonly limits: ResolvedOptions['transaction']
}): RunTransaction<T, Tx> {
  return async (work) => {
    if (typeof work !== 'function') {
      throw new ConnectorsError('INVALID_INPUT', `connectors.transaction takes a function, not ${kindOf(work)}.`)
    }
    // The work may run more than once: what an earlier try left to be told is dropped with it.
    let held = holdEvents(emitter)
    let written = new Map<string, Connection<T>>()
    try {
      const result = await repositories.transaction(({ repositories: bound, tx }) => {
        held = holdEvents(emitter)
        written = new Map()
        const service = connectionServiceOver(bound, held.emitter, {
          put: (connection) => void written.set(connection.id, connection),
        })
        return guard.enter(() => work({ tx, tenant: (tenantId) => verbsOf(service, tenantId) }))
      }, limits)
      for (const connection of written.values()) copies.put(connection)
      held.release()
      return result
    } catch (error) {
      // It may have committed all the same: the answer to a COMMIT can be lost.
      for (const id of written.keys()) copies.forget(id)
      throw error
    }
  }
}

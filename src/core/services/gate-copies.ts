import type { Connection } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { isInScope, operatorScope, type Scope, type TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'

/** More connections than this are not remembered at once. */
const capacity = 10_000

/** Reads connections, from a copy where a slightly old one will do. */
export interface GateCopies<T extends TenantId> {
  /**
   * A connection at most `maxAgeMs` old, deleted ones included.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND` when there is none in the scope.
   */
  readonly read: (scope: Scope<T>, id: string) => Promise<Connection<T>>
  /** The connection as it is now; the same otherwise. */
  readonly readFresh: (scope: Scope<T>, id: string) => Promise<Connection<T>>
  /** Takes over what this process has just written. */
  readonly put: (connection: Connection<T>) => void
  /** Reads anew the next time. */
  readonly forget: (id: string) => void
}

/** The error for a connection that isn't there, or isn't there for you. */
export function connectionNotFound(id: string): ConnectorsError {
  return new ConnectorsError(
    'CONNECTION_NOT_FOUND',
    `There is no connection ${JSON.stringify(id)} here. Check the id and the tenant.`,
  )
}

/** Copies of connections, refreshed by one read however many wait for it. */
export function createGateCopies<T extends TenantId>(
  repository: ConnectionRepository<T>,
  clock: Clock,
  maxAgeMs: number,
): GateCopies<T> {
  const copies = new Map<string, { readonly connection: Connection<T>; readonly readAt: number }>()
  const refreshes = new Map<string, Promise<Connection<T> | null>>()

  const remember = (connection: Connection<T>, readAt: number) => {
    const known = copies.get(connection.id)
    // A read that began before a write of ours may end after it.
    if (known !== undefined && known.connection.version > connection.version) return
    copies.delete(connection.id)
    copies.set(connection.id, { connection, readAt })
    const oldest = copies.keys().next().value
    if (copies.size > capacity && oldest !== undefined) copies.delete(oldest)
  }
  const fetch = async (id: string) => {
    const readAt = clock.now().getTime()
    const connection = await repository.find({ scope: operatorScope, id, includeDeleted: true })
    if (connection === null) copies.delete(id)
    else remember(connection, readAt)
    return connection
  }
  const refresh = (id: string) => {
    const running = refreshes.get(id)
    if (running !== undefined) return running
    const started = fetch(id).finally(() => refreshes.delete(id))
    refreshes.set(id, started)
    return started
  }
  const visible = (scope: Scope<T>, id: string, connection: Connection<T> | null) => {
    if (connection === null || !isInScope(scope, connection.tenantId)) throw connectionNotFound(id)
    return connection
  }

  return {
    read: async (scope, id) => {
      const copy = copies.get(id)
      const isUsable = copy !== undefined && clock.now().getTime() - copy.readAt < maxAgeMs
      return visible(scope, id, isUsable ? copy.connection : await refresh(id))
    },
    readFresh: async (scope, id) => visible(scope, id, await fetch(id)),
    put: (connection) => remember(connection, clock.now().getTime()),
    forget: (id) => void copies.delete(id),
  }
}

/** @throws {ConnectorsError} `CONNECTION_NOT_FOUND` for a deleted connection. */
export function refuseDeleted<T extends TenantId>(connection: Connection<T>): Connection<T> {
  if (connection.deletedAt !== null) throw connectionNotFound(connection.id)
  return connection
}

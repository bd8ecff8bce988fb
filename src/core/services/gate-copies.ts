import type { Connection } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { requireConnectionId } from '../domain/require-connection-id.ts'
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
  /** The same at once, if there is a copy that is recent enough; `null` if it takes a read. */
  readonly recent: (scope: Scope<T>, id: string) => Connection<T> | null
  /** The connection as it is now; the same otherwise. */
  readonly readFresh: (scope: Scope<T>, id: string) => Promise<Connection<T>>
  /** Takes over what this process has just written. */
  readonly put: (connection: Connection<T>) => void
  /** Reads anew the next time. */
  readonly forget: (id: string) => void
}

/** Copies of connections, refreshed by one read however many wait for it. */
export function createGateCopies<T extends TenantId>({
  repository,
  clock,
  maxAgeMs,
  onGone,
}: {
  readonly repository: ConnectionRepository<T>
  readonly clock: Clock
  readonly maxAgeMs: number
  /** Told of every connection that turns out to be deleted, by whichever process. */
  readonly onGone: (id: string) => void
}): GateCopies<T> {
  const copies = new Map<string, { readonly connection: Connection<T>; readonly readAt: number }>()
  const refreshes = new Map<string, { readonly startedAt: number; readonly row: Promise<Connection<T> | null> }>()

  const isRecent = (instant: number) => {
    const ageMs = clock.now().getTime() - instant
    // A clock that was set back must not keep a copy alive.
    return ageMs >= 0 && ageMs < maxAgeMs
  }
  /** Keeps a connection, unless we know better; answers what we know then. */
  const remember = (connection: Connection<T>, readAt: number) => {
    if (connection.deletedAt !== null) onGone(connection.id)
    const known = copies.get(connection.id)
    // A read that began before a write of ours may end after it.
    if (known !== undefined && known.connection.version > connection.version && known.readAt >= readAt) {
      return known.connection
    }
    copies.delete(connection.id)
    copies.set(connection.id, { connection, readAt })
    const oldest = copies.keys().next().value
    if (copies.size > capacity && oldest !== undefined) copies.delete(oldest)
    return connection
  }
  const fetch = async (id: string) => {
    const readAt = clock.now().getTime()
    const connection = await repository.find({ scope: operatorScope, id, includeDeleted: true })
    if (connection !== null) return remember(connection, readAt)
    copies.delete(id)
    onGone(id)
    return null
  }
  const refresh = (id: string) => {
    const running = refreshes.get(id)
    if (running !== undefined && isRecent(running.startedAt)) return running.row
    const row = fetch(id).finally(() => {
      if (refreshes.get(id)?.row === row) refreshes.delete(id)
    })
    refreshes.set(id, { startedAt: clock.now().getTime(), row })
    return row
  }
  const visible = (scope: Scope<T>, id: string, connection: Connection<T> | null) => {
    if (connection === null || !isInScope(scope, connection.tenantId)) throw connectionNotFound(id)
    return connection
  }

  const recent: GateCopies<T>['recent'] = (scope, id) => {
    const copy = copies.get(requireConnectionId(id))
    return copy !== undefined && isRecent(copy.readAt) ? visible(scope, id, copy.connection) : null
  }

  return {
    recent,
    read: async (scope, id) => recent(scope, id) ?? visible(scope, id, await refresh(id)),
    readFresh: async (scope, id) => visible(scope, id, await fetch(requireConnectionId(id))),
    put: (connection) => void remember(connection, clock.now().getTime()),
    forget: (id) => void copies.delete(id),
  }
}

import type { Connection } from './connection.ts'
import { connectionNotFound } from './connection-not-found.ts'
import type { TenantId } from './tenant.ts'

/** @throws {ConnectorsError} `CONNECTION_NOT_FOUND` for a deleted connection. */
export function refuseDeleted<T extends TenantId>(connection: Connection<T>): Connection<T> {
  if (connection.deletedAt !== null) throw connectionNotFound(connection.id)
  return connection
}

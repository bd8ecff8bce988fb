import { connectionNotFound } from './connection-not-found.ts'

/**
 * Lets only texts through: a store may take `undefined` for "any", or an object for a condition.
 *
 * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`.
 */
export function requireConnectionId(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id
  throw connectionNotFound(id)
}

import { connectionNotFound } from './connection-not-found.ts'
import { isStorableText } from './storable-text.ts'

/**
 * Lets only texts through that a database takes: a store may take `undefined` for "any", or an object for a condition.
 *
 * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`.
 */
export function requireConnectionId(id: unknown): string {
  if (typeof id === 'string' && id !== '' && isStorableText(id)) return id
  throw connectionNotFound(id)
}

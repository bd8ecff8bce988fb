import { ConnectorsError } from './errors.ts'
import { kindOf } from './kind-of.ts'

/** The error for a connection that isn't there, or isn't there for you. */
export function connectionNotFound(id: unknown): ConnectorsError {
  const what = typeof id === 'string' ? JSON.stringify(id) : `whose id is ${kindOf(id)}`
  return new ConnectorsError(
    'CONNECTION_NOT_FOUND',
    `There is no connection ${what} here. Check the id and the tenant.`,
  )
}

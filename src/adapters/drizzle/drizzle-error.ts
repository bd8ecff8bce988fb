import { DrizzleError, DrizzleQueryError } from 'drizzle-orm'
import { ConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'

/**
 * What an error of the driver means to us:
 * `busy` = nothing happened, the same may be done again; `unavailable` = the store can't be reached or written now;
 * `conflict` = a unique key is taken; `reference` = a foreign key leads nowhere; `failed` = anything else.
 */
export type DrizzleFailure = 'busy' | 'unavailable' | 'conflict' | 'reference' | 'failed'

// The first pattern that matches the code decides: SQLSTATEs, codes of libSQL, codes of sockets.
const failureByCode: readonly (readonly [RegExp, DrizzleFailure])[] = [
  [/^(40001|40P01|55P03)$/, 'busy'],
  [/^(23505|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/, 'conflict'],
  [/^(23503|SQLITE_CONSTRAINT_FOREIGNKEY)$/, 'reference'],
  // Connection, resources, an operator's intervention (a statement's time limit too), input and output, a standby, a
  // session that was idle for too long.
  [/^(08|53|57|58)...$|^25(006|P03|P04)$/, 'unavailable'],
  [/^SQLITE_(BUSY|LOCKED)/, 'busy'],
  [/^SQLITE_(READONLY|IOERR|FULL|CANTOPEN)|^CLIENT_CLOSED$/, 'unavailable'],
  [/^E(CONN|PIPE|TIMEDOUT|AI_|NOTFOUND|HOST|NET)/, 'unavailable'],
]

// Where node-postgres lost its connection, or got none, there is nothing but the message.
const lostConnection =
  /^Connection terminated|^timeout exceeded when trying to connect|not queryable|^Client was closed|pool after calling end/

/** What an error thrown by Drizzle or its driver means. */
export function drizzleFailure(error: unknown): DrizzleFailure {
  const driverError = beneath(error)
  if (!(driverError instanceof Error)) return 'failed'
  const codes = codesOf(driverError)
  const known = failureByCode.find(([pattern]) => codes.some((code) => pattern.test(code)))
  return known?.[1] ?? (lostConnection.test(driverError.message) ? 'unavailable' : 'failed')
}

/** Whether the whole of a transaction may be run again after this error: its own, or one of a verb inside of it. */
export function isBusy(error: unknown): boolean {
  if (isConnectorsError(error)) return error.code === 'STORE_UNAVAILABLE' && isBusy(error.cause)
  return isStoreError(error) && drizzleFailure(error) === 'busy'
}

/** Whether a foreign key refused a statement: an error of ours that says so by its cause. */
export function isRefusedReference(error: unknown): boolean {
  return isConnectorsError(error, 'STORE_FAILED') && drizzleFailure(error.cause) === 'reference'
}

/** The error of ours for an error of Drizzle or its driver. Never repeats its message: that quotes parameter values. */
export function toStoreError(error: unknown): ConnectorsError {
  const driverError = beneath(error)
  if (isConnectorsError(driverError)) return driverError
  const code = driverError instanceof Error ? (codesOf(driverError)[0] ?? driverError.name) : typeof driverError
  switch (drizzleFailure(error)) {
    case 'busy':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store is busy (${code}). Try again.`, { cause: error })
    case 'unavailable':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store can't be used right now (${code}). Try again.`, {
        cause: error,
      })
    case 'conflict':
      return new ConnectorsError('CONFLICT', `The store already has a row with this key (${code}).`, { cause: error })
    case 'reference':
    case 'failed':
      return new ConnectorsError('STORE_FAILED', `The store refused a statement (${code}); see the cause.`, {
        cause: error,
      })
  }
}

/** Drizzle wraps what the driver throws, but not what it throws at BEGIN and COMMIT of libSQL. */
function beneath(error: unknown): unknown {
  return error instanceof DrizzleQueryError && error.cause !== undefined ? error.cause : error
}

/** Whether Drizzle or its driver made this error, and not the user's code: `severity` is node-postgres'. */
function isStoreError(error: unknown): boolean {
  return (
    error instanceof DrizzleQueryError ||
    error instanceof DrizzleError ||
    (error instanceof Error && (error.name === 'LibsqlError' || 'severity' in error))
  )
}

function codesOf(error: Error): readonly string[] {
  const { code, extendedCode } = error as { readonly code?: unknown; readonly extendedCode?: unknown }
  return [extendedCode, code].filter((one) => typeof one === 'string')
}

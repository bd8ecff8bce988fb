import { DrizzleError, DrizzleQueryError } from 'drizzle-orm'
import { type ConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import { storeError } from '../kit/store-error.ts'
import { connectionFailure, postgresFailure, type StoreFailure, sqliteFailure } from '../kit/store-failure.ts'

/** What an error of node-postgres or libSQL tells. */
interface DriverErrorLike extends Error {
  readonly code?: unknown
  /** libSQL's: the result code of SQLite. */
  readonly rawCode?: unknown
}

/** What an error thrown by Drizzle or its driver means. */
export function drizzleFailure(error: unknown): StoreFailure {
  const driverError = beneath(error)
  if (!(driverError instanceof Error)) return 'failed'
  const { code, rawCode }: DriverErrorLike = driverError
  if (typeof rawCode === 'number') return sqliteFailure(rawCode) ?? 'failed'
  // Before the SQLSTATEs, which have five characters too: EPIPE.
  const known = connectionFailure({ code, message: driverError.message })
  return known ?? (typeof code === 'string' ? postgresFailure(code) : undefined) ?? 'failed'
}

/** What an error of a transaction means for running it again: its own, or one of a verb inside of it; the user's is `failed`. */
export function ownFailure(error: unknown): StoreFailure {
  if (isConnectorsError(error)) return error.code === 'STORE_UNAVAILABLE' ? ownFailure(error.cause) : 'failed'
  return isStoreError(error) ? drizzleFailure(error) : 'failed'
}

/** Whether a foreign key refused a statement: an error of ours that says so by its cause. */
export function isRefusedReference(error: unknown): boolean {
  return isConnectorsError(error, 'STORE_FAILED') && drizzleFailure(error.cause) === 'reference'
}

/** The error of ours for an error of Drizzle or its driver. */
export function toStoreError(error: unknown): ConnectorsError {
  const driverError = beneath(error)
  if (isConnectorsError(driverError)) return driverError
  return storeError(drizzleFailure(error), nameOf(driverError), error)
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code }: DriverErrorLike = error
  return typeof code === 'string' ? code : error.name
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

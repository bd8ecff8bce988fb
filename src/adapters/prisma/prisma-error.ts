import { ConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import { handlerTimeout } from '../kit/handler-timeout.ts'

/**
 * What an error of the Prisma client means to us:
 * `busy` = nothing happened, the same may be done again; `unavailable` = the store can't be reached or written now;
 * `conflict` = a unique key is taken; `expired` = the transaction took too long; `failed` = anything else.
 */
export type PrismaFailure = 'busy' | 'unavailable' | 'conflict' | 'expired' | 'failed'

const failureByCode: Readonly<Record<string, PrismaFailure>> = {
  P1001: 'unavailable',
  P1002: 'unavailable',
  P1008: 'busy',
  P1011: 'unavailable',
  P1017: 'unavailable',
  P2002: 'conflict',
  P2024: 'unavailable',
  P2034: 'busy',
  P2037: 'unavailable',
}

// SQLite's primary result codes: BUSY, LOCKED; IOERR, FULL, CANTOPEN.
const failureBySqliteCode: Readonly<Record<number, PrismaFailure>> = {
  5: 'busy',
  6: 'busy',
  10: 'unavailable',
  13: 'unavailable',
  14: 'unavailable',
}

/** What an error thrown by the Prisma client or its driver adapter means. */
export function prismaFailure(error: unknown): PrismaFailure {
  if (!(error instanceof Error)) return 'failed'
  const code = codeOf(error)
  // P2028 stands for everything about interactive transactions; only the message tells them apart.
  if (code === 'P2028') return error.message.includes('Unable to start') ? 'unavailable' : 'expired'
  const known = failureByCode[code ?? '']
  if (known !== undefined) return known
  const sqliteCode = sqliteCodeOf(error)
  // The primary code is in the low byte, e.g. 517 (BUSY_SNAPSHOT) is a kind of 5 (BUSY).
  const bySqlite = sqliteCode === undefined ? undefined : failureBySqliteCode[sqliteCode & 0xff]
  if (bySqlite !== undefined) return bySqlite
  // Where the driver adapter lets an error of libSQL through as it is, there is nothing but the message.
  if (/database is locked|SQLITE_BUSY/.test(error.message)) return 'busy'
  if (/^ConnectionFailed|Unable to open connection|client is closed/.test(error.message)) return 'unavailable'
  return error.name === 'PrismaClientInitializationError' ? 'unavailable' : 'failed'
}

/** Whether the whole of a transaction may be run again after this error: its own, or one of a verb inside of it. */
export function isBusy(error: unknown): boolean {
  if (isConnectorsError(error, 'STORE_UNAVAILABLE')) return error.cause !== undefined && isBusy(error.cause)
  return !isConnectorsError(error) && isPrismaError(error) && prismaFailure(error) === 'busy'
}

/** Whether the Prisma client or what is beneath it made this error, and not the user's code. */
export function isPrismaError(error: unknown): boolean {
  return error instanceof Error && /^(PrismaClient|DriverAdapterError$|LibsqlError$)/.test(error.name)
}

/** The error of ours for an error of the Prisma client. Never repeats its message: that quotes parameter values. */
export function toStoreError(error: unknown): ConnectorsError {
  if (isConnectorsError(error)) return error
  const code = error instanceof Error ? (codeOf(error) ?? error.name) : typeof error
  switch (prismaFailure(error)) {
    case 'busy':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store is busy (${code}). Try again.`, { cause: error })
    case 'unavailable':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store can't be used right now (${code}). Try again.`, {
        cause: error,
      })
    case 'conflict':
      return new ConnectorsError('CONFLICT', `The store already has a row with this key (${code}).`, { cause: error })
    case 'expired':
      return handlerTimeout(undefined, error)
    case 'failed':
      return new ConnectorsError('STORE_FAILED', `The store refused a statement (${code}); see the cause.`, {
        cause: error,
      })
  }
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : undefined
}

function sqliteCodeOf(error: Error): number | undefined {
  const { meta } = error as { readonly meta?: { readonly driverAdapterError?: { readonly cause?: unknown } } }
  const cause = (meta?.driverAdapterError?.cause ?? error.cause) as { readonly originalCode?: unknown } | undefined
  const code = Number(cause?.originalCode)
  return Number.isInteger(code) ? code : undefined
}

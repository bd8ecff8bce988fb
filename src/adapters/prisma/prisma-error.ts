import { ConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import { handlerTimeout } from '../kit/handler-timeout.ts'
import { driverFailure, type StoreFailure } from './driver-failure.ts'

const failureByCode: Readonly<Record<string, StoreFailure>> = {
  P1001: 'unavailable',
  P1002: 'unavailable',
  P1008: 'busy',
  P1011: 'unavailable',
  P1017: 'unavailable',
  P2002: 'conflict',
  P2003: 'reference',
  P2024: 'unavailable',
  P2034: 'busy',
  P2037: 'unavailable',
}

/** What an error thrown by the Prisma client or its driver adapter means. */
export function prismaFailure(error: unknown): StoreFailure {
  if (!(error instanceof Error)) return 'failed'
  const code = codeOf(error)
  // P2028 stands for everything about interactive transactions; only the message tells them apart.
  if (code === 'P2028') return error.message.includes('Unable to start') ? 'unavailable' : 'expired'
  // Before Prisma's own code, which is one for a locked file and a lost connection (P1008).
  const cause = driverCause(error)
  const known = (cause && driverFailure(cause)) ?? failureByCode[code ?? '']
  if (known !== undefined) return known
  // The codes of sockets come through as they are: EPIPE, ECONNRESET, …
  if (code !== undefined && /^E[A-Z]{3,}$/.test(code)) return 'unavailable'
  // Where a driver adapter lets an error of its driver through as it is, there is nothing but the message.
  if (/database is locked|SQLITE_BUSY/.test(error.message)) return 'busy'
  if (lostConnection.test(error.message)) return 'unavailable'
  return error.name === 'PrismaClientInitializationError' ? 'unavailable' : 'failed'
}

// libSQL; then node-postgres, which gives its errors about connections no code.
const lostConnection =
  /^ConnectionFailed|Unable to open connection|client is closed|^Connection terminated|^Client has encountered a connection error|^timeout expired|^timeout exceeded when trying to connect|^Query read timeout|Cannot use a pool after calling end/

/** Whether the whole of a transaction may be run again after this error: its own, or one of a verb inside of it. */
export function isBusy(error: unknown): boolean {
  return ['busy', 'locked'].includes(busyFailure(error))
}

/** Whether `isBusy` means that somebody else's lock did not go away. */
export function isLockWait(error: unknown): boolean {
  return busyFailure(error) === 'locked'
}

function busyFailure(error: unknown): StoreFailure {
  if (isConnectorsError(error, 'STORE_UNAVAILABLE'))
    return error.cause === undefined ? 'failed' : busyFailure(error.cause)
  return !isConnectorsError(error) && isPrismaError(error) ? prismaFailure(error) : 'failed'
}

/** Whether Prisma found no row to write. Nothing was refused: a transaction goes on. */
export function isMissingRow(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === 'P2025'
}

/** Whether an error of ours was made of this failure of the store. */
export function isStoreFailure(error: unknown, failure: StoreFailure): error is ConnectorsError {
  return isConnectorsError(error) && error.cause !== undefined && prismaFailure(error.cause) === failure
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
    case 'locked':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store is busy (${code}). Try again.`, { cause: error })
    case 'unavailable':
      return new ConnectorsError('STORE_UNAVAILABLE', `The store can't be used right now (${code}). Try again.`, {
        cause: error,
      })
    case 'conflict':
      return new ConnectorsError('CONFLICT', `The store already has a row with this key (${code}).`, { cause: error })
    case 'expired':
      return handlerTimeout(undefined, error)
    case 'aborted':
      return new ConnectorsError(
        'STORE_FAILED',
        'A statement in this transaction failed, its error was caught, and the database had given the transaction up by then. ' +
          'Let such an error out, or avoid it (createMany with skipDuplicates, upsert).',
        { cause: error },
      )
    case 'reference':
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

function driverCause(error: Error): Parameters<typeof driverFailure>[0] | undefined {
  const { meta } = error as { readonly meta?: { readonly driverAdapterError?: { readonly cause?: unknown } } }
  const cause = meta?.driverAdapterError?.cause ?? error.cause
  return typeof cause === 'object' && cause !== null ? cause : undefined
}

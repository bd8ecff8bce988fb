import { type ConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import { storeError } from '../kit/store-error.ts'
import { connectionFailure, type StoreFailure } from '../kit/store-failure.ts'
import { driverFailure } from './driver-failure.ts'

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
  // Where a driver adapter lets an error of its driver through as it is, there is nothing but the message.
  if (/database is locked|SQLITE_BUSY/.test(error.message)) return 'busy'
  return (
    connectionFailure({ code, message: error.message }) ??
    (error.name === 'PrismaClientInitializationError' ? 'unavailable' : 'failed')
  )
}

/** What an error of a transaction means for running it again: its own, or one of a verb inside of it; the user's is `failed`. */
export function ownFailure(error: unknown): StoreFailure {
  if (isConnectorsError(error)) return error.code === 'STORE_UNAVAILABLE' ? ownFailure(error.cause) : 'failed'
  return isPrismaError(error) ? prismaFailure(error) : 'failed'
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

/** The error of ours for an error of the Prisma client. */
export function toStoreError(error: unknown): ConnectorsError {
  if (isConnectorsError(error)) return error
  const code = error instanceof Error ? (codeOf(error) ?? error.name) : typeof error
  return storeError(prismaFailure(error), code, error)
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

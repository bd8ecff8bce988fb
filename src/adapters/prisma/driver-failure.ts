import { mysqlFailure, postgresFailure, type StoreFailure, sqliteFailure } from '../kit/store-failure.ts'

/** What Prisma's driver adapters tell of an error of the database. */
interface DriverErrorCause {
  readonly kind?: unknown
  readonly originalCode?: unknown
}

// The names that driver adapters have for what all databases know.
const failureByKind: Readonly<Record<string, StoreFailure>> = {
  TransactionWriteConflict: 'busy',
  UniqueConstraintViolation: 'conflict',
  ForeignKeyConstraintViolation: 'reference',
  TooManyConnections: 'unavailable',
  DatabaseNotReachable: 'unavailable',
  ConnectionClosed: 'unavailable',
}

/** What an error of a driver adapter means, by its cause; `undefined` if it doesn't tell. */
export function driverFailure(cause: DriverErrorCause): StoreFailure | undefined {
  const code = String(cause.originalCode ?? '')
  switch (cause.kind) {
    case 'postgres':
      return postgresFailure(code)
    case 'mysql':
      return mysqlFailure(Number(code))
    case 'SocketTimeout':
      // SQLite's word for a locked file, and then it has a code; elsewhere nobody knows what happened.
      if (code === '') return 'unavailable'
  }
  return failureByKind[String(cause.kind)] ?? (code === '' ? undefined : sqliteFailure(Number(code)))
}

/**
 * What an error of the database means to us:
 * `busy` = nothing happened, the same may be done again; `locked` = the same, after waiting for a lock in vain;
 * `unavailable` = the store can't be reached or written now, or nobody knows what happened;
 * `conflict` = a unique key is taken; `reference` = a foreign key leads nowhere;
 * `aborted` = an earlier error has ended the transaction; `expired` = the transaction took too long;
 * `failed` = anything else.
 */
export type StoreFailure =
  | 'busy'
  | 'locked'
  | 'unavailable'
  | 'conflict'
  | 'reference'
  | 'aborted'
  | 'expired'
  | 'failed'

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

// SQLite's primary result codes: BUSY, LOCKED; READONLY, IOERR, FULL, CANTOPEN.
const failureBySqliteCode: Readonly<Record<number, StoreFailure>> = {
  5: 'busy',
  6: 'busy',
  8: 'unavailable',
  10: 'unavailable',
  13: 'unavailable',
  14: 'unavailable',
}

// SQLSTATEs, or their class (the first two characters) of PostgreSQL.
const failureBySqlState: Readonly<Record<string, StoreFailure>> = {
  '08': 'unavailable', // connection exceptions
  25006: 'unavailable', // read-only transaction: a standby
  '25P02': 'aborted',
  '25P03': 'unavailable', // idle in transaction for too long
  '25P04': 'unavailable', // transaction_timeout
  53: 'unavailable', // out of connections, disk or memory
  '55P03': 'locked', // lock_timeout
  57014: 'unavailable', // statement_timeout, or cancelled by hand
  '57P': 'unavailable', // shutting down or starting up
  58: 'unavailable', // I/O errors
}

// Error numbers of MySQL and MariaDB.
const failureByErrno: Readonly<Record<number, StoreFailure>> = {
  1020: 'busy', // the row changed since the snapshot was taken
  1021: 'unavailable', // disk full
  1053: 'unavailable', // shutting down
  1114: 'unavailable', // table full
  1205: 'locked', // innodb_lock_wait_timeout
  1213: 'busy', // deadlock
  1290: 'unavailable', // read-only: a replica
  1305: 'aborted', // no such savepoint: the transaction was rolled back under it
  1317: 'unavailable', // killed
  1836: 'unavailable', // read-only
  1927: 'unavailable', // connection killed
  1969: 'unavailable', // max_statement_time
  3024: 'unavailable', // max_execution_time
}

/** What an error of a driver adapter means, by its cause; `undefined` if it doesn't tell. */
export function driverFailure(cause: DriverErrorCause): StoreFailure | undefined {
  const code = String(cause.originalCode ?? '')
  switch (cause.kind) {
    case 'postgres':
      return failureBySqlState[code] ?? failureBySqlState[code.slice(0, 3)] ?? failureBySqlState[code.slice(0, 2)]
    case 'mysql': {
      const errno = Number(code)
      // 2000 and on are made by the client library, and 45000 and on by the connector: all about the connection.
      const isOfClient = (errno >= 2000 && errno < 2100) || (errno >= 45_000 && errno < 46_000)
      return failureByErrno[errno] ?? (isOfClient ? 'unavailable' : undefined)
    }
    case 'SocketTimeout':
      // SQLite's word for a locked file, and then it has a code; elsewhere nobody knows what happened.
      if (code === '') return 'unavailable'
  }
  const byKind = failureByKind[String(cause.kind)]
  // The primary code is in the low byte, e.g. 517 (BUSY_SNAPSHOT) is a kind of 5 (BUSY).
  return byKind ?? failureBySqliteCode[Number(code === '' ? Number.NaN : code) & 0xff]
}

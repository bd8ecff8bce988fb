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

// SQLSTATEs of PostgreSQL, or what they begin with.
const failureBySqlState: Readonly<Record<string, StoreFailure>> = {
  '08': 'unavailable', // connection exceptions
  23503: 'reference',
  23505: 'conflict',
  25006: 'unavailable', // read-only transaction: a standby
  '25P02': 'aborted',
  '25P03': 'unavailable', // idle in transaction for too long
  '25P04': 'unavailable', // transaction_timeout
  40001: 'busy', // serialization failure
  '40P01': 'busy', // deadlock
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
  4031: 'unavailable', // disconnected for being idle
}

// SQLite's extended result codes, or the primary ones in their low byte.
const failureBySqliteCode: Readonly<Record<number, StoreFailure>> = {
  5: 'busy', // BUSY
  6: 'busy', // LOCKED
  8: 'unavailable', // READONLY
  10: 'unavailable', // IOERR
  13: 'unavailable', // FULL
  14: 'unavailable', // CANTOPEN
  787: 'reference', // CONSTRAINT_FOREIGNKEY
  1555: 'conflict', // CONSTRAINT_PRIMARYKEY
  2067: 'conflict', // CONSTRAINT_UNIQUE
}

/** What a SQLSTATE of PostgreSQL means; `undefined` if nothing in particular. */
export function postgresFailure(state: string): StoreFailure | undefined {
  return failureBySqlState[state] ?? failureBySqlState[state.slice(0, 3)] ?? failureBySqlState[state.slice(0, 2)]
}

/** What an error number of MySQL or MariaDB means; `undefined` if nothing in particular. */
export function mysqlFailure(errno: number): StoreFailure | undefined {
  // 2000 and on are made by the client library, and 45000 and on by the connector: all about the connection.
  const isOfClient = (errno >= 2000 && errno < 2100) || (errno >= 45_000 && errno < 46_000)
  return failureByErrno[errno] ?? (isOfClient ? 'unavailable' : undefined)
}

/** What a result code of SQLite means, extended (517, BUSY_SNAPSHOT) or primary (5, BUSY); `undefined` if nothing in particular. */
export function sqliteFailure(code: number): StoreFailure | undefined {
  return failureBySqliteCode[code] ?? failureBySqliteCode[code & 0xff]
}

// libSQL; then node-postgres, which gives its errors about connections no code.
const lostConnection =
  /^ConnectionFailed|Unable to open connection|client is closed|^Connection terminated|^Client (was closed|has encountered a connection error)|^timeout expired|^timeout exceeded when trying to connect|^Query read timeout|not queryable|[Cc]annot use a pool after calling end/

/** What the error of a socket or of a driver without codes means; `undefined` if nothing in particular. */
export function connectionFailure({
  code,
  message,
}: {
  code?: unknown
  readonly message: string
}): 'unavailable' | undefined {
  // The codes of sockets come through as they are: EPIPE, ECONNRESET, …
  const isOfSocket = typeof code === 'string' && /^E(AI_)?[A-Z]{3,}$/.test(code)
  return isOfSocket || lostConnection.test(message) ? 'unavailable' : undefined
}

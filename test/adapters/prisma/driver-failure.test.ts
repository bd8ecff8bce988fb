import { expect, test } from 'vitest'
import { ownFailure, prismaFailure } from '../../../src/adapters/prisma/prisma-error.ts'

/** An error as the Prisma client makes it of what its driver adapter tells. */
function prismaError(code: string, cause: object) {
  const error = new Error('made up')
  return Object.assign(error, { name: 'PrismaClientKnownRequestError', code, meta: { driverAdapterError: { cause } } })
}
const ofPostgres = (originalCode: string, kind = 'postgres') => prismaError('P2039', { kind, originalCode })
const ofMysql = (originalCode: string, kind = 'mysql') => prismaError('P2039', { kind, originalCode })
const plain = (message: string, code?: string) => Object.assign(new Error(message), code === undefined ? {} : { code })

test.each([
  ['a serialization failure of PostgreSQL', ofPostgres('40001', 'TransactionWriteConflict'), 'busy'],
  ['a deadlock of PostgreSQL', ofPostgres('40P01', 'TransactionWriteConflict'), 'busy'],
  ['lock_timeout', ofPostgres('55P03'), 'locked'],
  ['statement_timeout', ofPostgres('57014'), 'unavailable'],
  ['PostgreSQL shutting down', ofPostgres('57P01'), 'unavailable'],
  ['a lost connection of PostgreSQL', ofPostgres('08006'), 'unavailable'],
  ['a standby of PostgreSQL', ofPostgres('25006'), 'unavailable'],
  ['too many connections', ofPostgres('53300', 'TooManyConnections'), 'unavailable'],
  ['a transaction that PostgreSQL gave up', ofPostgres('25P02'), 'aborted'],
  ['a key of PostgreSQL that is taken', ofPostgres('23505', 'UniqueConstraintViolation'), 'conflict'],
  ['a foreign key of PostgreSQL', ofPostgres('23503', 'ForeignKeyConstraintViolation'), 'reference'],
  ['a division by zero', ofPostgres('22012'), 'failed'],
  ['a deadlock of MySQL', ofMysql('1213', 'TransactionWriteConflict'), 'busy'],
  ['a row that changed since the snapshot', ofMysql('1020'), 'busy'],
  ['innodb_lock_wait_timeout', ofMysql('1205'), 'locked'],
  ['a savepoint that is gone', ofMysql('1305'), 'aborted'],
  ['a killed connection of MySQL', ofMysql('1927'), 'unavailable'],
  ['a server of MySQL that went away', ofMysql('2006'), 'unavailable'],
  ["an error of MariaDB's connector", ofMysql('45009'), 'unavailable'],
  ['a replica of MySQL', ofMysql('1290'), 'unavailable'],
  ['a key of MySQL that is taken', ofMysql('1062', 'UniqueConstraintViolation'), 'conflict'],
  ['a syntax error of MySQL', ofMysql('1064'), 'failed'],
  ['a locked file of SQLite', prismaError('P1008', { kind: 'SocketTimeout', originalCode: '5' }), 'busy'],
  ['a read-only SQLite', prismaError('P2039', { kind: 'sqlite', originalCode: '8' }), 'unavailable'],
  ['a SQLite whose file was moved', prismaError('P2039', { kind: 'sqlite', originalCode: '1032' }), 'unavailable'],
  ['a socket that timed out', prismaError('P1008', { kind: 'SocketTimeout' }), 'unavailable'],
  ['a broken pipe', prismaError('EPIPE', {}), 'unavailable'],
  ['node-postgres without a connection', plain('Connection terminated unexpectedly'), 'unavailable'],
  ['a pool of node-postgres', plain('timeout exceeded when trying to connect'), 'unavailable'],
  ['a reset socket', plain('read ECONNRESET', 'ECONNRESET'), 'unavailable'],
  ['anything else', plain('?'), 'failed'],
] as const)('%s', (_, error, failure) => {
  expect(prismaFailure(error)).toBe(failure)
})

test('work is never run again for an error about the connection', () => {
  expect(ownFailure(ofPostgres('40001', 'TransactionWriteConflict'))).toBe('busy')
  expect(ownFailure(prismaError('P1008', { kind: 'SocketTimeout' }))).toBe('unavailable')
  expect(ownFailure(ofPostgres('08006'))).toBe('unavailable')
  expect(ownFailure(ofMysql('45009'))).toBe('unavailable')
})

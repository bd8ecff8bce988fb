import { createClient } from '@libsql/client'
import { drizzle as drizzleLibSql } from 'drizzle-orm/libsql'
import { drizzle } from 'drizzle-orm/node-postgres'
import { text } from 'drizzle-orm/pg-core'
import { text as sqliteText } from 'drizzle-orm/sqlite-core'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { drizzleFailure, ownFailure, toStoreError } from '../../../src/adapters/drizzle/drizzle-error.ts'
import {
  connectorsTables,
  drizzleRepositories,
  singleConnectionClient,
} from '../../../src/adapters/drizzle/drizzle-repositories.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newExecutionLog } from '../../../src/testing/new-execution-log.ts'
import { newId } from '../../../src/testing/new-id.ts'
import * as onPostgresql from '../../support/drizzle-postgresql.ts'
import { drizzlePostgresql } from '../../support/drizzle-postgresql.ts'
import * as onSqlite from '../../support/drizzle-sqlite.ts'
import { drizzleSqlite } from '../../support/drizzle-sqlite.ts'

const postgresql = await drizzlePostgresql()
const sqlite = await drizzleSqlite()
afterAll(() => Promise.all([postgresql.drop(), sqlite.drop()]))

const stores = [
  { name: 'PostgreSQL', repositories: drizzleRepositories(postgresql.db, { tables: onPostgresql.tables }) },
  { name: 'SQLite', repositories: drizzleRepositories(sqlite.db, { tables: onSqlite.tables }) },
]

describe.each(stores)('on $name', ({ repositories }) => {
  test('a tenant that does not exist is INVALID_INPUT, and no message quotes what was written', async () => {
    const secret = `secret-${newId()}`
    const orphan = newConnection({ tenantId: newId(), credentialsEncrypted: secret })
    const error = await repositories.connections.create(orphan).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(orphan.tenantId) })
    expect((error as Error).message).not.toContain(secret)
  })

  test('a tenant that does not exist leaves the transaction around it whole', async () => {
    const log = newExecutionLog({ tenantId: newId(), connectionId: newId() })
    await repositories.transaction(
      async ({ repositories: inside }) => {
        const create = inside.connections.create(newConnection({ tenantId: newId() }))
        await expect(create).rejects.toMatchObject({ code: 'INVALID_INPUT' })
        await inside.executionLogs.appendMany([log])
      },
      { timeoutMs: 10_000, maxWaitMs: 10_000 },
    )
    const scope = { kind: 'tenant', tenantId: log.tenantId } as const
    expect((await repositories.executionLogs.list({ scope, filter: {}, limit: 5 })).items).toEqual([log])
  })

  test('a row of the audit trail that is there already is CONFLICT, and the others are not added', async () => {
    const tenantId = newId()
    const row = newExecutionLog({ tenantId, connectionId: newId() })
    await repositories.executionLogs.appendMany([row])
    const fresh = newExecutionLog({ tenantId, connectionId: row.connectionId })
    await expect(repositories.executionLogs.appendMany([fresh, row])).rejects.toMatchObject({ code: 'CONFLICT' })
    const { items } = await repositories.executionLogs.list({
      scope: { kind: 'tenant', tenantId },
      filter: {},
      limit: 9,
    })
    expect(items).toEqual([row])
  })

  test('more rows of the audit trail than one statement takes are added, all or none', async () => {
    const tenantId = newId()
    const connectionId = newId()
    const rows = Array.from({ length: 1_500 }, () => newExecutionLog({ tenantId, connectionId }))
    const last = rows.at(-1)
    await expect(repositories.executionLogs.appendMany([...rows, ...(last ? [last] : [])])).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    const query = { scope: { kind: 'tenant', tenantId }, filter: {}, limit: 1_000 } as const
    expect((await repositories.executionLogs.list(query)).items).toEqual([])
    await repositories.executionLogs.appendMany(rows)
    const page = await repositories.executionLogs.list(query)
    const rest = await repositories.executionLogs.list({ ...query, after: page.next })
    expect(page.items.length + rest.items.length).toBe(1_500)
  })
})

test('a SQLite that is read-only for now is STORE_UNAVAILABLE, and takes rows again afterwards', async () => {
  const { executionLogs } = drizzleRepositories(sqlite.db, { tables: onSqlite.tables })
  const row = newExecutionLog({ tenantId: newId(), connectionId: newId() })
  await sqlite.db.$client.execute('pragma query_only = 1')
  await expect(executionLogs.appendMany([row])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await sqlite.db.$client.execute('pragma query_only = 0')
  await executionLogs.appendMany([row])
  const scope = { kind: 'tenant', tenantId: row.tenantId } as const
  expect((await executionLogs.list({ scope, filter: {}, limit: 5 })).items).toEqual([row])
})

test('a server that is not there is STORE_UNAVAILABLE, and is not asked again', async () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 2_000 })
  const repositories = drizzleRepositories(drizzle(pool), { tables: onPostgresql.tables })
  const limits = { timeoutMs: 1_000, maxWaitMs: 5_000 }
  await expect(repositories.transaction(async () => {}, limits)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  const find = repositories.connections.find({ scope: { kind: 'operator' }, id: newId() })
  await expect(find).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await pool.end()
})

test('what is refused at the door', async () => {
  const tables = connectorsTables.pg({ tenantId: text })
  const sqliteTables = connectorsTables.sqlite({ tenantId: (name) => sqliteText(name) })
  const refusal = (message: string) =>
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(message) })
  const client = new pg.Client()
  expect(() => drizzleRepositories(drizzle(client), { tables })).toThrow(refusal('Pool'))
  expect(() => drizzleRepositories(drizzle(postgresql.pool), { tables: sqliteTables })).toThrow(
    refusal('connectorsTables.pg'),
  )
  expect(() => drizzleRepositories(sqlite.db, { tables })).toThrow(refusal('connectorsTables.sqlite'))
  const plain = createClient({ url: 'file::memory:' })
  expect(() => drizzleRepositories(drizzleLibSql(plain), { tables: sqliteTables })).toThrow(
    refusal('singleConnectionClient'),
  )
  expect(() =>
    drizzleRepositories(drizzleLibSql(singleConnectionClient(plain)), { tables: sqliteTables }),
  ).not.toThrow()
  const notDrizzle = { transaction: async () => {}, $client: {} }
  expect(() => drizzleRepositories(notDrizzle, { tables })).toThrow(refusal('node-postgres'))
  plain.close()
})

const driverError = (code: string) => Object.assign(new Error('values'), { code, severity: 'ERROR' })
const libSqlError = (code: string, rawCode: number) => Object.assign(new Error('values'), { code, rawCode })

test.each([
  ['40001', 'busy'],
  ['40P01', 'busy'],
  ['55P03', 'locked'],
  ['25P02', 'aborted'],
  ['23505', 'conflict'],
  ['23503', 'reference'],
  ['08006', 'unavailable'],
  ['25P03', 'unavailable'],
  ['53300', 'unavailable'],
  ['57P01', 'unavailable'],
  ['EPIPE', 'unavailable'],
  ['ECONNRESET', 'unavailable'],
  ['EAI_AGAIN', 'unavailable'],
  ['42P01', 'failed'],
] as const)('%s of node-postgres is %s', (code, failure) => {
  expect(drizzleFailure(driverError(code))).toBe(failure)
})

test.each([
  ['SQLITE_BUSY', 5, 'busy'],
  ['SQLITE_BUSY_SNAPSHOT', 517, 'busy'],
  ['SQLITE_LOCKED', 6, 'busy'],
  ['SQLITE_CONSTRAINT_UNIQUE', 2067, 'conflict'],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', 1555, 'conflict'],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', 787, 'reference'],
  ['SQLITE_CONSTRAINT_NOTNULL', 1299, 'failed'],
  ['SQLITE_FULL', 13, 'unavailable'],
  ['SQLITE_READONLY', 8, 'unavailable'],
  ['SQLITE_READONLY_DBMOVED', 1032, 'unavailable'],
] as const)('%s of libSQL is %s', (code, rawCode, failure) => {
  expect(drizzleFailure(libSqlError(code, rawCode))).toBe(failure)
})

test("only a store's own error makes a transaction run again, also inside of one of ours", () => {
  const busy = driverError('40001')
  expect(ownFailure(busy)).toBe('busy')
  expect(ownFailure(toStoreError(busy))).toBe('busy')
  expect(ownFailure(Object.assign(new Error('of the handler'), { code: '40001' }))).toBe('failed')
  expect(ownFailure(toStoreError(driverError('08006')))).toBe('unavailable')
})

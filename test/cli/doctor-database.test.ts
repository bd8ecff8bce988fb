import { PrismaLibSql } from '@prisma/adapter-libsql'
import { expect, onTestFinished, test } from 'vitest'
import { drizzleRepositories } from '../../src/adapters/drizzle/drizzle-repositories.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import type { TenantId } from '../../src/core/domain/tenant.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bullmqQueue } from '../../src/jobs/bullmq/bullmq-queue.ts'
import { drizzlePostgresql, tables as pgTables } from '../support/drizzle-postgresql.ts'
import { drizzleSqlite, tables as sqliteTables } from '../support/drizzle-sqlite.ts'
import { shop } from '../support/shop-provider.ts'
import { testKey } from '../support/shop-world.ts'
import { openSqliteDatabase } from '../support/sqlite-database.ts'
import { temporarySqlite } from '../support/temporary-sqlite.ts'
import { doctorApp, examineApp } from './doctor-app.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** An application over a SQLite file, before anything was read from it, after some SQL. */
async function application(sql: string) {
  const { prisma, file } = await temporarySqlite()
  const connection = await new PrismaLibSql({ url: `file:${file}` }).connect()
  await connection.executeScript(sql)
  await connection.dispose()
  return over(prismaRepositories(prisma))
}

function over<T extends TenantId, Tx>(repositories: Repositories<T, Tx>) {
  const connectors = createConnectors(repositories, {
    providers: [shop],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    handlers: { 'shop.orders': async () => {} },
    logger: silent,
  })
  onTestFinished(() => connectors.close())
  return connectors
}

test('a database with all tables is fine', async () => {
  expect(await examineApp(await application(''))).toMatchObject({ status: 'healthy', findings: [] })
})

test.each([
  ['ALTER TABLE connectors_connection DROP COLUMN pauseCount', 'column', 'pauseCount'],
  ['ALTER TABLE connectors_sync_state DROP COLUMN trail', 'column', 'trail'],
  ['ALTER TABLE connectors_webhook_event DROP COLUMN errorKind', 'column', 'errorKind'],
  ['DROP TABLE connectors_webhook_event', 'table', 'connectors_webhook_event'],
  ['DROP TABLE connectors_execution_log', 'table', 'connectors_execution_log'],
])('DATABASE_OUTDATED: after %s it names what is missing, and the rest is skipped', async (sql, what, name) => {
  const report = await examineApp(await application(sql))
  expect(report.findings).toMatchObject([{ code: 'DATABASE_OUTDATED', check: 'database', level: 'problem' }])
  expect(report.findings[0]?.examples[0]).toMatch(new RegExp(`^${what} \\S*${name}$`))
  expect(report.checks).toContainEqual({ name: 'syncs', status: 'skipped', reason: expect.any(String) })
})

const outdated = [
  ['ALTER TABLE connectors_sync_state DROP COLUMN trail', /^column \S*trail$/],
  ['DROP TABLE connectors_webhook_event', /^table \S*connectors_webhook_event$/],
] as const

test('DATABASE_OUTDATED: by the words of PostgreSQL and SQLite themselves, as Drizzle passes them on', async () => {
  const postgres = await drizzlePostgresql()
  onTestFinished(postgres.drop)
  const sqlite = await drizzleSqlite()
  onTestFinished(sqlite.drop)
  for (const [sql, missing] of outdated) {
    await postgres.pool.query(sql)
    await sqlite.db.$client.execute(sql)
    for (const connectors of [
      over(drizzleRepositories(postgres.db, { tables: pgTables })),
      over(drizzleRepositories(sqlite.db, { tables: sqliteTables })),
    ]) {
      const { findings } = await examineApp(connectors)
      expect(findings.map(({ examples }) => examples[0])).toContainEqual(expect.stringMatching(missing))
    }
  }
})

test('a database that cannot be reached is no finding: nothing could be checked', async () => {
  const prisma = openSqliteDatabase('/nowhere/at/all.db')
  const connectors = createConnectors(prismaRepositories(prisma), {
    providers: [shop],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    logger: silent,
  })
  const { status, checks, findings } = await examineApp(connectors)
  expect({ status, findings }).toEqual({ status: 'unchecked', findings: [] })
  expect(checks).toContainEqual({
    name: 'database',
    status: 'failed',
    reason: expect.stringContaining('STORE_UNAVAILABLE'),
  })
})

test('QUEUE_UNREACHABLE: jobs are in a Redis that is not there', async () => {
  const queue = bullmqQueue({ connection: { url: 'redis://127.0.0.1:1' }, timeoutMs: 200 })
  onTestFinished(() => queue.close())
  const { examine } = await doctorApp({ queue })
  expect((await examine()).findings).toMatchObject([{ code: 'QUEUE_UNREACHABLE', level: 'problem' }])
})

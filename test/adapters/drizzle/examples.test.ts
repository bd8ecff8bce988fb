import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { github } from 'bapp-connectors/providers/github'
import { expect, onTestFinished, test } from 'vitest'
import * as onPostgresql from '../../../examples/drizzle-postgresql.ts'
import * as onSqlite from '../../../examples/drizzle-sqlite.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newId } from '../../../src/testing/new-id.ts'
import { drizzleDdl } from '../../support/drizzle-ddl.ts'
import { emptyPostgresDatabase } from '../../support/postgres-database.ts'

test('the example on PostgreSQL connects a company and hands its uuid on', async () => {
  const database = await emptyPostgresDatabase()
  const { connectors, db, pool } = onPostgresql.startConnectors(database.url, randomBytes(32).toString('base64'))
  onTestFinished(async () => {
    await connectors.close()
    await pool.end()
    await database.drop()
  })
  const { companies, issues, connection, syncState, webhookEvent, executionLog, oauthState } = onPostgresql
  for (const table of [companies, issues, connection, syncState, webhookEvent, executionLog, oauthState]) {
    for (const statement of drizzleDdl(table)) await pool.query(statement)
  }
  const [company] = await db.insert(companies).values({ id: newId(), name: 'Acme' }).returning()
  const acme = connectors.forTenant(company?.id ?? '')
  const account = await acme.connections.create(github, {
    credentials: { token: 'a-token' },
    settings: { repository: 'acme/shop' },
  })
  expect(await acme.connections.get(account.id)).toMatchObject({ tenantId: company?.id })
  const stored = await db.select().from(connection)
  expect(stored.map(({ id, tenantId }) => ({ id, tenantId }))).toEqual([{ id: account.id, tenantId: company?.id }])
})

test('the example on SQLite opens a file that keeps a connection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-example-'))
  const { db, repositories } = await onSqlite.openDatabase(join(folder, 'app.db'))
  onTestFinished(async () => {
    db.$client.close()
    await rm(folder, { recursive: true })
  })
  const { companies, connection, syncState, webhookEvent, executionLog, oauthState } = onSqlite
  for (const table of [companies, connection, syncState, webhookEvent, executionLog, oauthState]) {
    for (const statement of drizzleDdl(table)) await db.run(statement)
  }
  await db.insert(companies).values({ id: 'acme' })
  const kept = newConnection({ tenantId: 'acme' })
  await repositories.connections.create(kept)
  expect(await repositories.connections.find({ scope: { kind: 'operator' }, id: kept.id })).toEqual(kept)
})

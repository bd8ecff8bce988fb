import { randomUUID } from 'node:crypto'
import { createClient } from '@libsql/client'
import { drizzle as drizzleLibSql } from 'drizzle-orm/libsql'
import { bigint, integer, uuid } from 'drizzle-orm/pg-core'
import { integer as sqliteInteger } from 'drizzle-orm/sqlite-core'
import { expect, onTestFinished, test } from 'vitest'
import {
  connectorsTables,
  drizzleRepositories,
  singleConnectionClient,
} from '../../../src/adapters/drizzle/drizzle-repositories.ts'
import { operatorScope, type TenantId, tenantScope } from '../../../src/core/domain/tenant.ts'
import type { Repositories } from '../../../src/core/ports/repositories.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newOAuthState } from '../../../src/testing/new-oauth-state.ts'
import { drizzleDdl } from '../../support/drizzle-ddl.ts'
import { openDrizzlePostgresql } from '../../support/drizzle-postgresql.ts'
import { emptyPostgresDatabase } from '../../support/postgres-database.ts'

async function postgresql(tables: Readonly<Record<string, Parameters<typeof drizzleDdl>[0]>>) {
  const { db, pool, drop } = openDrizzlePostgresql(await emptyPostgresDatabase())
  onTestFinished(drop)
  for (const table of Object.values(tables)) {
    for (const statement of drizzleDdl(table)) await pool.query(statement)
  }
  return db
}

/** Rows of one tenant are found by it alone. */
async function keepsApart<T extends TenantId>(repositories: Repositories<T, unknown>, mine: T, other: T) {
  const connection = newConnection<T>({ tenantId: mine })
  await repositories.connections.create(connection)
  const find = (tenantId: T) => repositories.connections.find({ scope: tenantScope(tenantId), id: connection.id })
  expect(await find(mine)).toEqual(connection)
  expect(await find(other)).toBeNull()
  const { items } = await repositories.connections.list({ scope: tenantScope(mine), filter: {}, limit: 5 })
  expect(items).toEqual([connection])
}

test('a tenant id may be a bigint, beyond what a number can hold', async () => {
  const tables = connectorsTables.pg({ tenantId: (name) => bigint(name, { mode: 'bigint' }) })
  await keepsApart(
    drizzleRepositories(await postgresql(tables), { tables }),
    9_007_199_254_740_993n,
    9_007_199_254_740_992n,
  )
})

test('a tenant id may be a uuid', async () => {
  const tables = connectorsTables.pg({ tenantId: uuid })
  await keepsApart(drizzleRepositories(await postgresql(tables), { tables }), randomUUID(), randomUUID())
})

test('a uuid that the database would keep in another spelling is refused, in a transaction too, which goes on', async () => {
  const tables = connectorsTables.pg({ tenantId: uuid })
  const repositories = drizzleRepositories(await postgresql(tables), { tables })
  const tenantId = 'ab000000-0000-4000-8000-0000000000cd'
  for (const spelled of [tenantId.toUpperCase(), `{${tenantId}}`, tenantId.replaceAll('-', '')]) {
    const refused = { code: 'INVALID_TENANT_ID', message: expect.stringContaining(`as "${tenantId}"`) }
    await expect(repositories.connections.create(newConnection({ tenantId: spelled }))).rejects.toMatchObject(refused)
    const state = newOAuthState({ tenantId: spelled })
    await expect(repositories.oauthStates.create(state)).rejects.toMatchObject(refused)
    expect(await repositories.oauthStates.consume({ id: state.id, at: state.createdAt })).toBeNull()
    await repositories.transaction(
      async ({ repositories: { connections } }) => {
        await expect(connections.create(newConnection({ tenantId: spelled }))).rejects.toMatchObject(refused)
      },
      { timeoutMs: 10_000, maxWaitMs: 10_000 },
    )
  }
  expect((await repositories.connections.list({ scope: operatorScope, filter: {}, limit: 5 })).items).toEqual([])
})

test('a tenant id may be a number, on both databases', async () => {
  const tables = connectorsTables.pg({ tenantId: integer })
  await keepsApart(drizzleRepositories(await postgresql(tables), { tables }), 1, 2)

  const onSqlite = connectorsTables.sqlite({ tenantId: sqliteInteger })
  const client = singleConnectionClient(createClient({ url: 'file::memory:' }))
  onTestFinished(() => client.close())
  for (const table of Object.values(onSqlite)) {
    for (const statement of drizzleDdl(table)) await client.execute(statement)
  }
  await keepsApart(drizzleRepositories(drizzleLibSql(client), { tables: onSqlite }), 1, 2)
})

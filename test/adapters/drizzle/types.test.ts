import { createClient } from '@libsql/client'
import { drizzle as drizzleLibSql, type LibSQLDatabase } from 'drizzle-orm/libsql'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { bigint, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { text as sqliteText } from 'drizzle-orm/sqlite-core'
import type { Pool } from 'pg'
import { expectTypeOf, test } from 'vitest'
import type { TxOf } from '../../../src/adapters/drizzle/drizzle-like.ts'
import {
  connectorsTables,
  drizzleRepositories,
  singleConnectionClient,
} from '../../../src/adapters/drizzle/drizzle-repositories.ts'
import type { Repositories } from '../../../src/core/ports/repositories.ts'

// The compiler is the judge here; nothing of the functions runs.

type TenantIdOf<R> = R extends Repositories<infer T, unknown> ? T : never

test('the type of the tenant id follows the column', () => {
  const withTables = (db: NodePgDatabase & { $client: Pool }) => ({
    text: drizzleRepositories(db, { tables: connectorsTables.pg({ tenantId: text }) }),
    uuid: drizzleRepositories(db, { tables: connectorsTables.pg({ tenantId: uuid }) }),
    integer: drizzleRepositories(db, { tables: connectorsTables.pg({ tenantId: integer }) }),
    bigint: drizzleRepositories(db, {
      tables: connectorsTables.pg({ tenantId: (name) => bigint(name, { mode: 'bigint' }) }),
    }),
  })
  type All = ReturnType<typeof withTables>
  expectTypeOf<TenantIdOf<All['text']>>().toEqualTypeOf<string>()
  expectTypeOf<TenantIdOf<All['uuid']>>().toEqualTypeOf<string>()
  expectTypeOf<TenantIdOf<All['integer']>>().toEqualTypeOf<number>()
  expectTypeOf<TenantIdOf<All['bigint']>>().toEqualTypeOf<bigint>()
})

test("the transaction handle is the database's own, the user's schema included", () => {
  const orders = pgTable('orders', { id: integer('id').primaryKey(), title: text('title').notNull() })
  const withSchema = (pool: Pool) => {
    const db = drizzle(pool, { schema: { orders } })
    const repositories = drizzleRepositories(db, { tables: connectorsTables.pg({ tenantId: text }) })
    return repositories.transaction(({ tx }) => tx.query.orders.findFirst(), { timeoutMs: 1, maxWaitMs: 1 })
  }
  expectTypeOf(withSchema).returns.resolves.toEqualTypeOf<{ id: number; title: string } | undefined>()
  expectTypeOf<TxOf<NodePgDatabase>>().toEqualTypeOf<Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0]>()
})

test('libSQL fits as it is, and so does a client of one connection', () => {
  const withLibSql = (file: string) => {
    const db = drizzleLibSql(singleConnectionClient(createClient({ url: file })))
    return drizzleRepositories(db, { tables: connectorsTables.sqlite({ tenantId: (name) => sqliteText(name) }) })
  }
  expectTypeOf<TenantIdOf<ReturnType<typeof withLibSql>>>().toEqualTypeOf<string>()
  expectTypeOf<ReturnType<typeof withLibSql>>().toEqualTypeOf<Repositories<string, TxOf<LibSQLDatabase>>>()
})

test('tables that do not fit do not compile', () => {
  const refused = (db: NodePgDatabase & { $client: Pool }) => {
    const { connection, ...others } = connectorsTables.pg({ tenantId: text })
    // @ts-expect-error a table is missing
    drizzleRepositories(db, { tables: others })
    const short = pgTable('connectors_connection', {
      id: text('id').primaryKey(),
      tenantId: text('tenantId').notNull(),
    })
    // @ts-expect-error columns are missing
    drizzleRepositories(db, { tables: { ...others, connection: short } })
    const { syncState } = connectorsTables.pg({ tenantId: integer })
    // @ts-expect-error the tables differ in the type of the tenant id
    drizzleRepositories(db, { tables: { ...others, connection, syncState } })
    // @ts-expect-error a column of SQLite in tables of PostgreSQL
    connectorsTables.pg({ tenantId: (name) => sqliteText(name) })
  }
  expectTypeOf(refused).returns.toBeVoid()
})

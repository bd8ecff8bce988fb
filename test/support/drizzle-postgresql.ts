import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { connectorsTables } from '../../src/adapters/drizzle/connectors-tables.ts'
import { drizzleDdl } from './drizzle-ddl.ts'
import { emptyPostgresDatabase, type TestDatabase } from './postgres-database.ts'

/** A table of the user's, by the name that the Prisma test schema has for it. */
export const tenants = pgTable('Tenant', { id: text('id').primaryKey() })

export const tables = connectorsTables.pg({ tenantId: text, references: () => tenants.id })

/** A PostgreSQL database of its own with all tables. */
export async function drizzlePostgresql() {
  const database = await emptyPostgresDatabase()
  const opened = openDrizzlePostgresql(database)
  for (const table of [tenants, ...Object.values(tables)]) {
    for (const statement of drizzleDdl(table)) await opened.pool.query(statement)
  }
  return opened
}

/** Opens a database; `drop` closes everything that was opened, and removes it. */
export function openDrizzlePostgresql(database: TestDatabase) {
  const pools: pg.Pool[] = []
  /** One more pool, as another process would have it. */
  const open = (options: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({ connectionString: database.url, max: 16, ...options })
    pool.on('error', () => {}) // an idle connection that is lost, e.g. with the database
    pools.push(pool)
    return { db: drizzle(pool), pool }
  }
  const drop = async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await database.drop()
  }
  return { ...open(), open, url: database.url, drop }
}

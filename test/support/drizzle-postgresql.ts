import { randomUUID } from 'node:crypto'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { connectorsTables } from '../../src/adapters/drizzle/connectors-tables.ts'
import { drizzleDdl } from './drizzle-ddl.ts'

export const tenants = pgTable('Tenant', { id: text('id').primaryKey() })
export const tables = connectorsTables.pg({ tenantId: text, references: () => tenants.id })

/** A PostgreSQL database of its own with all tables, opened; `drop` closes and removes it. */
export async function drizzlePostgresql() {
  const server = process.env.TEST_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres'
  const name = `connectors_${randomUUID().replaceAll('-', '')}`
  const onServer = async (statement: string) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  await onServer(`create database ${name}`)
  const url = new URL(server)
  url.pathname = name
  const opened: pg.Pool[] = []
  /** One more pool on the database, as another process would have it. */
  const open = async (poolOptions: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({ connectionString: url.href, max: 16, ...poolOptions })
    pool.on('error', () => {}) // an idle connection that is lost, e.g. with the database
    opened.push(pool)
    return { db: drizzle(pool), pool }
  }
  const { db, pool } = await open()
  for (const table of [tenants, ...Object.values(tables)]) {
    for (const statement of drizzleDdl(table)) await pool.query(statement)
  }
  return {
    db,
    pool,
    open,
    drop: async () => {
      await Promise.all(opened.map((one) => one.end()))
      await onServer(`drop database ${name} with (force)`)
    },
  }
}

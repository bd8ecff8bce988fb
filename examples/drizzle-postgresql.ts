import { createConnectors } from 'bapp-connectors'
import { connectorsTables, drizzleRepositories } from 'bapp-connectors/drizzle'
import { github } from 'bapp-connectors/providers/github'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { Pool } from 'pg'

export const companies = pgTable('companies', { id: uuid('id').primaryKey(), name: text('name').notNull() })
export const issues = pgTable('issues', {
  id: text('id').primaryKey(),
  companyId: uuid('company_id').notNull(),
  number: integer('number').notNull(),
  title: text('title').notNull(),
})

const tables = connectorsTables.pg({ tenantId: uuid, references: () => companies.id })
// drizzle-kit makes migrations for what it finds exported.
export const { connection, syncState, webhookEvent, executionLog, oauthState } = tables

function openPool(url: string) {
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // A connection that is lost says so by an event, and an event that nobody listens to ends the process.
  pool.on('error', (error) => console.error(error))
  pool.on('connect', (client) => client.on('error', (error) => console.error(error)))
  return pool
}

/** The library over an application's own Drizzle database. `key` is 32 random bytes in base64. */
export function startConnectors(url: string, key: string) {
  const pool = openPool(url)
  const db = drizzle(pool, { schema: { companies, issues } })
  const connectors = createConnectors(drizzleRepositories(db, { tables }), {
    providers: [github],
    encryption: { keys: [{ id: '2026-11', key }] },
    handlers: {
      // `tx` is your own Drizzle transaction: your rows and our cursor commit together, or not at all.
      'code.issues': async ({ items, connection, tx }) => {
        for (const { id, number, title } of items) {
          const issue = { companyId: connection.tenantId, number, title }
          const row = { id: `${connection.id}:${id}`, ...issue }
          await tx.insert(issues).values(row).onConflictDoUpdate({ target: issues.id, set: issue })
        }
      },
    },
  })
  return { connectors, db, pool }
}

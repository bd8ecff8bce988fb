import { createClient } from '@libsql/client'
import { connectorsTables, drizzleRepositories, singleConnectionClient } from 'bapp-connectors/drizzle'
import { drizzle } from 'drizzle-orm/libsql'
import { sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const companies = sqliteTable('companies', { id: text('id').primaryKey() })

const tables = connectorsTables.sqlite({ tenantId: (name) => text(name), references: () => companies.id })
export const { connection, syncState, webhookEvent, executionLog, oauthState } = tables

/** The one Drizzle database of a process on a SQLite file. */
export async function openDatabase(file: string) {
  const client = singleConnectionClient(createClient({ url: `file:${file}`, timeout: 5_000 }))
  const db = drizzle(client)
  await client.execute('PRAGMA journal_mode = WAL') // once per file would do: the file remembers it
  return { db, repositories: drizzleRepositories(db, { tables }) }
}

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { drizzle } from 'drizzle-orm/libsql'
import { sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { connectorsTables } from '../../src/adapters/drizzle/connectors-tables.ts'
import { singleConnectionClient } from '../../src/adapters/drizzle/single-connection-client.ts'
import { drizzleDdl } from './drizzle-ddl.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const tenants = sqliteTable('Tenant', { id: text('id').primaryKey() })
export const tables = connectorsTables.sqlite({ tenantId: (name) => text(name), references: () => tenants.id })

/** Opens a SQLite file as an application would. */
export function openDrizzleSqlite(file: string, { timeout = 5_000 }: { readonly timeout?: number } = {}) {
  return drizzle(singleConnectionClient(createClient({ url: `file:${file}`, timeout })))
}

/** A SQLite file with all tables, opened; `drop` closes and removes it. */
export async function drizzleSqlite() {
  const folder = await temporaryFolder('drizzle')
  const file = join(folder, 'test.db')
  const db = openDrizzleSqlite(file)
  const statements = [tenants, ...Object.values(tables)].flatMap((table) => drizzleDdl(table))
  await db.$client.executeMultiple(['pragma journal_mode = wal', ...statements].join(';\n'))
  return {
    db,
    file,
    drop: async () => {
      db.$client.close()
      await rm(folder, { recursive: true })
    },
  }
}

import { fileURLToPath } from 'node:url'
import { createClient } from '@libsql/client'
import { singleConnectionClient } from 'bapp-connectors/drizzle'
import { drizzle } from 'drizzle-orm/libsql'
import { migrate } from 'drizzle-orm/libsql/migrator'
import { env } from './env.ts'

/** The one client of this process. */
export const client = singleConnectionClient(createClient({ url: `file:${env.DATABASE_FILE}`, timeout: 5_000 }))
await client.execute('PRAGMA journal_mode = WAL')

export const db = drizzle(client)
await migrate(db, { migrationsFolder: fileURLToPath(new URL('migrations', import.meta.url)) })

/** The transaction of a page or a delivery. */
export type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0]

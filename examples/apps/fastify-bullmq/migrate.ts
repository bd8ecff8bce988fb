import { fileURLToPath } from 'node:url'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { db, pool } from './database.ts'

// Once for each deployment, before its processes start.
await migrate(db, { migrationsFolder: fileURLToPath(new URL('migrations', import.meta.url)) })
await pool.end()

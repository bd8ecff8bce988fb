import { drizzle } from 'drizzle-orm/node-postgres'
import { Pool } from 'pg'
import { env } from './env.ts'

export const pool = new Pool({ connectionString: env.DATABASE_URL, max: 10, connectionTimeoutMillis: 10_000 })
// A connection that is lost says so by an event, and an event that nobody listens to ends the process.
pool.on('error', (error) => console.error(error))
pool.on('connect', (client) => client.on('error', (error) => console.error(error)))

export const db = drizzle(pool)

/** The transaction of a page or a delivery. */
export type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0]

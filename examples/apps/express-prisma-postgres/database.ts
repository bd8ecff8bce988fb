import { PrismaPg } from '@prisma/adapter-pg'
import { Pool } from 'pg'
import { env } from './env.ts'
import { PrismaClient } from './generated/client.ts'

const pool = new Pool({ connectionString: env.DATABASE_URL, max: 10, connectionTimeoutMillis: 10_000 })
// A connection that is lost says so by an event, and an event that nobody listens to ends the process.
pool.on('error', (error) => console.error(error))
pool.on('connect', (client) => client.on('error', (error) => console.error(error)))

export const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })

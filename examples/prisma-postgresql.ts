import { PrismaPg } from '@prisma/adapter-pg'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { Pool } from 'pg'
import { PrismaClient } from '../generated/prisma-postgresql/client/client.ts'

/** Repositories on PostgreSQL, and the client under them. */
export function openPostgres(connectionString: string) {
  const pool = new Pool({ connectionString, max: 10, connectionTimeoutMillis: 10_000 })
  // A connection that is lost says so by an event, and an event that nobody listens to ends the process.
  pool.on('error', (error) => console.error(error))
  pool.on('connect', (client) => client.on('error', (error) => console.error(error)))
  const adapter = new PrismaPg(pool, { disposeExternalPool: true })
  const prisma = new PrismaClient({ adapter })
  return { prisma, repositories: prismaRepositories(prisma) }
}

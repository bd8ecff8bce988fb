import { PrismaPg } from '@prisma/adapter-pg'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { PrismaClient } from '../generated/prisma-postgresql/client/client.ts'

/** Repositories on PostgreSQL, and the client under them. */
export function openPostgres(connectionString: string) {
  const adapter = new PrismaPg({ connectionString, max: 10, connectionTimeoutMillis: 10_000 })
  const prisma = new PrismaClient({ adapter })
  return { prisma, repositories: prismaRepositories(prisma) }
}

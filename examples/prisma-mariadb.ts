import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { PrismaClient } from '../generated/prisma-mysql/client/client.ts'

/** Repositories on MariaDB or MySQL, and the client under them. */
export function openMariaDb(url: string) {
  const adapter = new PrismaMariaDb(`${url}?connectionLimit=10&acquireTimeout=10000`)
  const prisma = new PrismaClient({ adapter })
  return { prisma, repositories: prismaRepositories(prisma) }
}

import { PrismaLibSql } from '@prisma/adapter-libsql'
import { prismaRepositories, singleConnection } from 'bapp-connectors/prisma'
import { PrismaClient } from '../generated/prisma-sqlite/client/client.ts'
import type { PrismaClient as ShopClient } from '../generated/prisma-sqlite-bigint/client/client.ts'

/** The one Prisma client of a process on a SQLite file. */
export async function openDatabase(file: string): Promise<PrismaClient> {
  const adapter = singleConnection(new PrismaLibSql({ url: `file:${file}`, timeout: 5_000 }))
  const prisma = new PrismaClient({ adapter })
  await prisma.$queryRaw`PRAGMA journal_mode = WAL` // once per file would do: the file remembers it
  return prisma
}

/** Repositories over a schema in which the model Connection is called ShopConnection. */
export function shopRepositories(prisma: ShopClient) {
  return prismaRepositories(prisma, { models: { connection: 'shopConnection' } })
}

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { PrismaClient } from '../../generated/prisma-sqlite/client/client.ts'
import { createSqliteDatabase, openSqliteDatabase } from './sqlite-database.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A fresh SQLite file with the tenant `acme`, opened; gone when the test is over. */
export async function temporarySqlite(): Promise<{ readonly prisma: PrismaClient; readonly file: string }> {
  const folder = await temporaryFolder('sqlite')
  const file = join(folder, 'test.db')
  await createSqliteDatabase(file)
  const prisma = openSqliteDatabase(file)
  onTestFinished(async () => {
    await prisma.$disconnect()
    await rm(folder, { recursive: true })
  })
  await prisma.tenant.create({ data: { id: 'acme' } })
  return { prisma, file }
}

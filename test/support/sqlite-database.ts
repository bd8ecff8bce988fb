import { readFile } from 'node:fs/promises'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaClient } from '../../generated/prisma-sqlite/client/client.ts'
import { singleConnection } from '../../src/adapters/prisma/single-connection.ts'

/** The variants that scripts/generate-test-clients.ts makes. */
type Variant = 'prisma-sqlite' | 'prisma-sqlite-bigint'

/** Creates a SQLite file with the tables of the test schema, in WAL mode. `npm run generate` has to have run before. */
export async function createSqliteDatabase(file: string, variant: Variant = 'prisma-sqlite'): Promise<void> {
  const ddl = await readFile(new URL(`../../generated/${variant}/schema.sql`, import.meta.url), 'utf8')
  const connection = await new PrismaLibSql({ url: `file:${file}` }).connect()
  try {
    await connection.executeScript(`PRAGMA journal_mode = WAL;\n${ddl}`)
  } finally {
    await connection.dispose()
  }
}

/** Opens a SQLite file as an application would: one client per process, patient with other processes. */
export function openSqliteDatabase(file: string): PrismaClient {
  return new PrismaClient({ adapter: singleConnection(new PrismaLibSql({ url: `file:${file}`, timeout: 5_000 })) })
}

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { TestDatabase } from './postgres-database.ts'

/** Why there is no MariaDB or MySQL server in this run, or `null` if there is one. */
export const mysqlMissing: string | null = process.env.TEST_MYSQL_MISSING ?? null

/** Creates a database with a random name and the tables of the test schema. */
export async function createMysqlDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_MYSQL_URL
  if (server === undefined) throw new Error('There is no TEST_MYSQL_URL; test/support/database-servers.ts sets it.')
  const name = `connectors_${randomUUID().replaceAll('-', '')}`
  const url = new URL(server)
  url.pathname = name
  const ddl = await readFile(new URL('../../generated/prisma-mysql/schema.sql', import.meta.url), 'utf8')
  // As Prisma Migrate leaves it to the server to choose, but makes every table utf8mb4_unicode_ci.
  await onServer(server, [`CREATE DATABASE ${name}`])
  await onServer(url.href, ddl.split(/;\s*$/m))
  return { url: url.href, drop: () => onServer(server, [`DROP DATABASE ${name}`]) }
}

async function onServer(url: string, statements: readonly string[]): Promise<void> {
  const adapter = await new PrismaMariaDb(url, { useTextProtocol: true }).connect()
  try {
    for (const sql of statements.filter((statement) => statement.trim() !== '')) {
      await adapter.executeRaw({ sql, args: [], argTypes: [] })
    }
  } finally {
    await adapter.dispose()
  }
}

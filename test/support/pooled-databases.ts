import { onTestFinished } from 'vitest'
import type { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { createMysqlDatabase, mysqlMissing } from './mysql-database.ts'
import { openMariadbClient, openPostgresqlClient, type PoolSettings } from './pooled-clients.ts'
import { createPostgresDatabase, type TestDatabase } from './postgres-database.ts'

/** A kind of database whose client has a pool of connections. */
export interface PooledDatabase {
  readonly name: 'PostgreSQL' | 'MariaDB'
  /** Why it can't be tested here, or `null`. */
  readonly missing: string | null
  readonly create: () => Promise<TestDatabase>
  /** Opens a client, closed when the test is over. */
  readonly connect: (url: string, pool?: PoolSettings) => PrismaClient
}

/** The databases with pools, so that what holds on one is tested on the other. */
export const pooledDatabases: readonly PooledDatabase[] = [
  {
    name: 'PostgreSQL',
    missing: null,
    create: createPostgresDatabase,
    connect: (url, pool) => closedAfterTest(openPostgresqlClient(url, pool)),
  },
  {
    name: 'MariaDB',
    missing: mysqlMissing,
    create: createMysqlDatabase,
    connect: (url, pool) => closedAfterTest(openMariadbClient(url, pool)),
  },
]

function closedAfterTest(prisma: PrismaClient): PrismaClient {
  onTestFinished(() => prisma.$disconnect())
  return prisma
}

import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { onTestFinished } from 'vitest'
import { PrismaClient as MysqlClient } from '../../generated/prisma-mysql/client/client.ts'
import { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { createMysqlDatabase, mysqlMissing } from './mysql-database.ts'
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

interface PoolSettings {
  readonly max?: number
  readonly acquireMs?: number
  /** Puts something between the client and its driver adapter. */
  readonly between?: (factory: SqlDriverAdapterFactory) => SqlDriverAdapterFactory
}

/** The databases with pools, so that what holds on one is tested on the other. */
export const pooledDatabases: readonly PooledDatabase[] = [
  {
    name: 'PostgreSQL',
    missing: null,
    create: createPostgresDatabase,
    connect: (connectionString, { max = 8, between = asItIs } = {}) =>
      closedAfterTest(new PrismaClient({ adapter: between(new PrismaPg({ connectionString, max })) })),
  },
  {
    name: 'MariaDB',
    missing: mysqlMissing,
    create: createMysqlDatabase,
    connect: (url, { max = 8, acquireMs = 10_000, between = asItIs } = {}) => {
      const adapter = new PrismaMariaDb(
        `${url}?connectionLimit=${max}&acquireTimeout=${acquireMs}&minDelayValidation=0`,
      )
      // One schema: the tests use nothing that only one of the two clients has.
      return closedAfterTest(new MysqlClient({ adapter: between(adapter) }) as unknown as PrismaClient)
    },
  },
]

function asItIs(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return factory
}

function closedAfterTest(prisma: PrismaClient): PrismaClient {
  onTestFinished(() => prisma.$disconnect())
  return prisma
}

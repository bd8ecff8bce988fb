import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaClient as MysqlClient } from '../../generated/prisma-mysql/client/client.ts'
import { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'

/** How a pool of connections is. */
export interface PoolSettings {
  readonly max?: number
  readonly acquireMs?: number
  /** Puts something between the client and its driver adapter. */
  readonly between?: (factory: SqlDriverAdapterFactory) => SqlDriverAdapterFactory
}

const asItIs = (factory: SqlDriverAdapterFactory) => factory

/** A client on PostgreSQL. */
export function openPostgresqlClient(url: string, { max = 8, between = asItIs }: PoolSettings = {}): PrismaClient {
  return new PrismaClient({ adapter: between(new PrismaPg({ connectionString: url, max })) })
}

/** A client on MariaDB. */
export function openMariadbClient(
  url: string,
  { max = 8, acquireMs = 10_000, between = asItIs }: PoolSettings = {},
): PrismaClient {
  const adapter = new PrismaMariaDb(`${url}?connectionLimit=${max}&acquireTimeout=${acquireMs}&minDelayValidation=0`)
  // One schema: the tests use nothing that only one of the two clients has.
  return new MysqlClient({ adapter: between(adapter) }) as unknown as PrismaClient
}

import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { Redis } from 'ioredis'
import pg from 'pg'
import { prismaSchemaSql } from '../../scripts/prisma-schema-sql.ts'
import { emptyPostgresDatabase } from '../../test/support/postgres-database.ts'

/** What an application keeps things in, new and empty. */
export interface AppDatabase {
  /** What its processes are told. */
  readonly env: Readonly<Record<string, string>>
  /** As if the holders of all leases had been silent for an hour. */
  readonly passAnHour: () => Promise<void>
  readonly drop: () => Promise<void>
}

/** PostgreSQL with the tables of a Prisma schema: what `prisma db push` makes of it, without downloading its engine. */
export async function prismaPostgres(folder: URL): Promise<AppDatabase> {
  const files = await readdir(folder)
  const schema = files.map(async (path) => ({ path, content: await readFile(new URL(path, folder), 'utf8') }))
  const ddl = await prismaSchemaSql('postgresql', await Promise.all(schema))
  const { url, drop } = await emptyPostgresDatabase()
  await query(url, ddl)
  return { env: { DATABASE_URL: url }, passAnHour: () => query(url, anHourPasses), drop }
}

/** PostgreSQL with the tables of Drizzle's migrations, and a part of Redis. */
export async function drizzlePostgres(migrations: URL): Promise<AppDatabase> {
  const { url, drop } = await emptyPostgresDatabase()
  const pool = new pg.Pool({ connectionString: url })
  await migrate(drizzle(pool), { migrationsFolder: migrations.pathname })
  await pool.end()
  const prefix = `apps-${randomBytes(6).toString('hex')}`
  const redisUrl = process.env.TEST_REDIS_URL ?? ''
  return {
    env: { DATABASE_URL: url, REDIS_URL: redisUrl, REDIS_PREFIX: prefix },
    passAnHour: () => query(url, anHourPasses),
    drop: async () => {
      const redis = new Redis(redisUrl)
      const keys = await redis.keys(`${prefix}:*`)
      if (keys.length > 0) await redis.del(keys)
      redis.disconnect()
      await drop()
    },
  }
}

/** A file for SQLite. The application makes its tables itself. */
export async function sqliteFile(): Promise<AppDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-app-'))
  const file = join(folder, `${randomUUID()}.db`)
  return {
    env: { DATABASE_FILE: file },
    passAnHour: async () => {
      const client = createClient({ url: `file:${file}`, timeout: 5_000 })
      await client.execute(
        `UPDATE connectors_sync_state SET leaseExpiresAt = '2026-01-01T00:00:00.000+00:00' WHERE leaseExpiresAt IS NOT NULL`,
      )
      client.close()
    },
    drop: () => rm(folder, { recursive: true }),
  }
}

const anHourPasses = `UPDATE connectors_sync_state SET "leaseExpiresAt" = "leaseExpiresAt" - interval '1 hour' WHERE "leaseExpiresAt" IS NOT NULL`

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

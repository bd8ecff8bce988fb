import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'

/** A database of our own on the server of this run. */
export interface TestDatabase {
  readonly url: string
  readonly drop: () => Promise<void>
}

/** Whether COMMIT waits for the disk: only for those who measure it. Whatever happens to clients, nothing is lost without. */
interface Durability {
  readonly isDurable?: boolean
}

/** The variants that scripts/generate-test-clients.ts makes. */
type Variant = 'prisma-postgresql' | 'prisma-postgresql-int' | 'prisma-postgresql-uuid'

/** Creates a database with a random name and the tables of the test schema. `npm run generate` has to have run before. */
export async function createPostgresDatabase(
  variant: Variant = 'prisma-postgresql',
  durability: Durability = {},
): Promise<TestDatabase> {
  const database = await emptyPostgresDatabase(durability)
  const ddl = await readFile(new URL(`../../generated/${variant}/schema.sql`, import.meta.url), 'utf8')
  await onServer(database.url, ddl)
  return database
}

/** Creates a database with a random name. */
export async function emptyPostgresDatabase({ isDurable = false }: Durability = {}): Promise<TestDatabase> {
  const server = process.env.TEST_POSTGRES_URL
  if (server === undefined) throw new Error('There is no TEST_POSTGRES_URL; test/support/database-servers.ts sets it.')
  const name = `connectors_${randomUUID().replaceAll('-', '')}`
  const url = new URL(server)
  url.pathname = name
  await onServer(server, `CREATE DATABASE ${name}`)
  if (!isDurable) await onServer(server, `ALTER DATABASE ${name} SET synchronous_commit = off`)
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE ${name} WITH (FORCE)`) }
}

async function onServer(url: string, script: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
}

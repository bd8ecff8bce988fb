import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, describe, test } from 'vitest'
import { drizzleRepositories } from '../../src/adapters/drizzle/drizzle-repositories.ts'
import { registerRepositoryContract } from '../../src/testing/register-repository-contract.ts'
import { drizzlePostgresql, tables, tenants } from '../support/drizzle-postgresql.ts'
import { losingCommitAnswers } from '../support/losing-commit-answers.ts'

const { db, open, url, drop } = await drizzlePostgresql()
afterAll(drop)

const newTenant = async (id: string) => {
  await db.insert(tenants).values({ id })
  return id
}
const sloppy = randomUUID()

registerRepositoryContract(
  { describe, test },
  {
    repositories: drizzleRepositories(db, { tables }),
    newTenantId: () => newTenant(randomUUID()),
    traits: { concurrency: 'parallel' },
    handle: {
      write: async (tx, key) => {
        await tx.insert(tenants).values({ id: key })
      },
      exists: async (key) => (await db.select().from(tenants).where(eq(tenants.id, key))).length === 1,
    },
    exactTenants: [await newTenant(`t${sloppy}`), await newTenant(`T${sloppy}`), await newTenant(`t${sloppy} `)],
    losingCommitAnswers: async () => {
      // With the end of the statement: a transaction begins as READ COMMITTED.
      const lossy = open({ connectionString: await losingCommitAnswers(url, 'commit\0') })
      return drizzleRepositories(lossy.db, { tables })
    },
  },
)

import { randomInt, randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, describe, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { PrismaClient as IntClient } from '../../generated/prisma-postgresql-int/client/client.ts'
import { PrismaClient as UuidClient } from '../../generated/prisma-postgresql-uuid/client/client.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { registerRepositoryContract } from '../../src/testing/register-repository-contract.ts'
import { losingCommitAnswers } from '../support/losing-commit-answers.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'

const parallel = { concurrency: 'parallel' } as const

describe('tenants with text ids', async () => {
  const database = await createPostgresDatabase()
  const connect = (connectionString: string) =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 16 }) })
  const prisma = connect(database.url)
  afterAll(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  const newTenant = async (id: string) => {
    await prisma.tenant.create({ data: { id } })
    return id
  }
  registerRepositoryContract(
    { describe, test },
    {
      repositories: prismaRepositories(prisma),
      newTenantId: () => newTenant(randomUUID()),
      traits: parallel,
      handle: {
        write: async (tx, key) => {
          await tx.tenant.create({ data: { id: key } })
        },
        exists: async (key) => (await prisma.tenant.findUnique({ where: { id: key } })) !== null,
      },
      exactTenants: [await newTenant('t1'), await newTenant('T1'), await newTenant('t1 ')],
      losingCommitAnswers: async () => {
        const lossy = connect(await losingCommitAnswers(database.url))
        onTestFinished(() => lossy.$disconnect())
        return prismaRepositories(lossy)
      },
    },
  )
})

describe('tenants with numbers', async () => {
  const database = await createPostgresDatabase('prisma-postgresql-int')
  const prisma = new IntClient({ adapter: new PrismaPg({ connectionString: database.url, max: 16 }) })
  afterAll(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  const newTenantId = async () => {
    const { id } = await prisma.tenant.create({ data: { id: randomInt(2 ** 31) } })
    return id
  }
  registerRepositoryContract(
    { describe, test },
    { repositories: prismaRepositories(prisma), newTenantId, traits: parallel },
  )
})

describe('tenants with uuids', async () => {
  const database = await createPostgresDatabase('prisma-postgresql-uuid')
  const prisma = new UuidClient({ adapter: new PrismaPg({ connectionString: database.url, max: 16 }) })
  afterAll(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  const newTenantId = async () => {
    const { id } = await prisma.tenant.create({ data: { id: randomUUID() } })
    return id
  }
  registerRepositoryContract(
    { describe, test },
    { repositories: prismaRepositories(prisma), newTenantId, traits: parallel },
  )
})

import { randomUUID } from 'node:crypto'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { afterAll, describe, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma-mysql/client/client.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { registerRepositoryContract } from '../../src/testing/register-repository-contract.ts'
import { losingCommitAnswers } from '../support/losing-commit-answers.ts'
import { createMysqlDatabase, mysqlMissing } from '../support/mysql-database.ts'

if (mysqlMissing !== null) {
  test.skip(`the repository contract on MariaDB (skipped: ${mysqlMissing})`)
} else {
  const database = await createMysqlDatabase()
  const connect = (url: string) => new PrismaClient({ adapter: new PrismaMariaDb(`${url}?connectionLimit=16`) })
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
      traits: { concurrency: 'parallel' },
      handle: {
        write: async (tx, key) => {
          await tx.tenant.create({ data: { id: key } })
        },
        exists: async (key) => (await prisma.tenant.findUnique({ where: { id: key } })) !== null,
      },
      // The collation takes the three for one: there can be only one such tenant, and the foreign key lets all three in.
      exactTenants: [await newTenant('t1'), 'T1', 't1 '],
      losingCommitAnswers: async () => {
        const lossy = connect(await losingCommitAnswers(database.url))
        onTestFinished(() => lossy.$disconnect())
        return prismaRepositories(lossy)
      },
    },
  )
}

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { afterAll, describe, test } from 'vitest'
import { shopRepositories } from '../../examples/prisma-sqlite.ts'
import { PrismaClient } from '../../generated/prisma-sqlite-bigint/client/client.ts'
import { singleConnection } from '../../src/adapters/prisma/single-connection.ts'
import { registerRepositoryContract } from '../../src/testing/register-repository-contract.ts'
import { createSqliteDatabase } from '../support/sqlite-database.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = await temporaryFolder('contract')
const file = join(folder, 'contract.db')
await createSqliteDatabase(file, 'prisma-sqlite-bigint')
const prisma = new PrismaClient({
  adapter: singleConnection(new PrismaLibSql({ url: `file:${file}`, timeout: 5_000, intMode: 'bigint' })),
})

afterAll(async () => {
  await prisma.$disconnect()
  await rm(folder, { recursive: true })
})

// Beyond what a number holds exactly.
let lastTenantId = 2n ** 53n

registerRepositoryContract(
  { describe, test },
  {
    repositories: shopRepositories(prisma),
    newTenantId: async () => {
      lastTenantId += 1n
      await prisma.tenant.create({ data: { id: lastTenantId } })
      return lastTenantId
    },
    traits: { concurrency: 'parallel' },
  },
)

import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { registerRepositoryContract } from '../../src/testing/register-repository-contract.ts'
import { createSqliteDatabase, openSqliteDatabase } from '../support/sqlite-database.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = await temporaryFolder('contract')
const file = join(folder, 'contract.db')
await createSqliteDatabase(file)
const prisma = openSqliteDatabase(file)

afterAll(async () => {
  await prisma.$disconnect()
  await rm(folder, { recursive: true })
})

const newTenant = async (id: string) => {
  await prisma.tenant.create({ data: { id } })
  return id
}
const sloppy = randomUUID()

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
    exactTenants: [await newTenant(`t${sloppy}`), await newTenant(`T${sloppy}`), await newTenant(`t${sloppy} `)],
  },
)

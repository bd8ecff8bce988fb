import { PrismaPg } from '@prisma/adapter-pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-postgresql/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { createPostgresDatabase } from '../../support/postgres-database.ts'

test('instants are the same in sessions of every time zone, also in an hour that the clocks skip', async () => {
  const database = await createPostgresDatabase()
  onTestFinished(() => database.drop())
  const session = (zone: string) => {
    const adapter = new PrismaPg({ connectionString: database.url, options: `-c timezone=${zone}` })
    const prisma = new PrismaClient({ adapter })
    onTestFinished(() => prisma.$disconnect())
    return prismaRepositories(prisma).oauthStates
  }
  const [bucharest, utc] = [session('Europe/Bucharest'), session('UTC')]
  for (const [written, read] of [
    [bucharest, bucharest],
    [bucharest, utc],
    [utc, bucharest],
  ] as const) {
    for (const text of ['2026-03-29T03:30:00.123Z', '2026-10-25T03:30:00.123Z', '2026-07-01T00:00:00.000Z']) {
      const expiresAt = new Date(text)
      await written.create({
        id: text,
        tenantId: 'acme',
        providerFamily: 'code',
        providerName: 'github',
        contextEncrypted: 'sealed',
        expiresAt,
        createdAt: expiresAt,
      })
      const row = await read.consume({ id: text, at: new Date(0) })
      expect(row?.expiresAt.toISOString()).toBe(text)
    }
  }
})

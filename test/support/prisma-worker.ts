import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { openSqliteDatabase } from './sqlite-database.ts'

/**
 * One of several processes on one SQLite file. Says `ready`, waits for a line on stdin, then runs transactions that read
 * before they write, and plain verbs beside them. Arguments: file, tenant, connection, how many, own number.
 */
const [file = '', tenantId = '', connectionId = '', rounds = '0', worker = ''] = process.argv.slice(2)
const prisma = openSqliteDatabase(file)
const repositories = prismaRepositories(prisma)
const at = new Date('2026-01-01T00:00:00.000Z')

await prisma.$connect()
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))

const jobs = Array.from({ length: Number(rounds) }, async (_, round) => {
  await repositories.transaction(
    async ({ tx }) => {
      // Read, then write what was read: a lost update shows.
      const tenant = await tx.tenant.findUniqueOrThrow({ where: { id: tenantId } })
      await tx.tenant.update({ where: { id: tenantId }, data: { name: String(Number(tenant.name) + 1) } })
    },
    { timeoutMs: 30_000, maxWaitMs: 60_000 },
  )
  await repositories.connections.recordAuthFailure(
    { tenantId, id: connectionId },
    {
      at,
      reason: `${worker}/${round}`,
      threshold: 1_000_000,
      credentialsVersion: 1,
      disconnect: false,
      needsReauthorization: false,
    },
  )
})
await Promise.all(jobs)
await prisma.$disconnect()
process.exit(0)

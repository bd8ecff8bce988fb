import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { PrismaClient as MysqlClient } from '../../../generated/prisma-mysql/client/client.ts'
import { PrismaClient } from '../../../generated/prisma-postgresql/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { newOAuthState } from '../../../src/testing/new-oauth-state.ts'
import { createMysqlDatabase, mysqlMissing } from '../../support/mysql-database.ts'
import { createPostgresDatabase } from '../../support/postgres-database.ts'

const databases = [
  {
    name: 'PostgreSQL',
    missing: null,
    create: createPostgresDatabase,
    zones: ['Europe/Bucharest', 'UTC'],
    connect: (url: string, zone: string) =>
      new PrismaClient({ adapter: new PrismaPg({ connectionString: url, options: `-c timezone=${zone}` }) }),
  },
  {
    name: 'MariaDB',
    missing: mysqlMissing,
    create: createMysqlDatabase,
    // Names of zones are known only to servers into which somebody loaded them.
    zones: ['+02:00', '+00:00'],
    connect: (url: string, zone: string) => {
      const { hostname: host, port, username: user, password, pathname } = new URL(url)
      const server = { host, port: Number(port || 3306), user, password, database: pathname.slice(1) }
      const adapter = new PrismaMariaDb({ ...server, initSql: `SET time_zone = '${zone}'` })
      // One schema: the test uses nothing that only one of the two clients has.
      return new MysqlClient({ adapter }) as unknown as PrismaClient
    },
  },
]

const processZone = process.env.TZ
afterEach(() => {
  if (processZone === undefined) delete process.env.TZ
  else process.env.TZ = processZone
})

for (const { name, missing, create, zones, connect } of databases) {
  describe.skipIf(missing !== null)(missing === null ? name : `${name} (skipped: ${missing})`, () => {
    test.each(['Europe/Bucharest', 'America/New_York', 'UTC'])(
      'instants are the same in sessions of every time zone, also in an hour that the clocks skip, in a process of %s',
      async (zone) => {
        const database = await create()
        onTestFinished(() => database.drop())
        process.env.TZ = zone
        const sessions = zones.map((each) => {
          const prisma = connect(database.url, each)
          onTestFinished(() => prisma.$disconnect())
          return prismaRepositories(prisma).oauthStates
        })
        for (const written of sessions) {
          for (const read of sessions) {
            for (const text of ['2026-03-29T03:30:00.123Z', '2026-10-25T03:30:00.123Z', '2026-03-08T07:30:00.000Z']) {
              const expiresAt = new Date(text)
              await written.create(newOAuthState({ id: text, tenantId: 'acme', expiresAt, createdAt: expiresAt }))
              const row = await read.consume({ id: text, at: new Date(0) })
              expect(row?.expiresAt.toISOString()).toBe(text)
            }
          }
        }
      },
    )
  })
}

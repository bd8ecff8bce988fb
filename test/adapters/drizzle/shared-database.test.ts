import { PrismaPg } from '@prisma/adapter-pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-postgresql/client/client.ts'
import { drizzleRepositories } from '../../../src/adapters/drizzle/drizzle-repositories.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { tenantScope } from '../../../src/core/domain/tenant.ts'
import type { RepositorySet } from '../../../src/core/ports/repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newExecutionLog } from '../../../src/testing/new-execution-log.ts'
import { newId } from '../../../src/testing/new-id.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { openDrizzlePostgresql, tables as pgTables } from '../../support/drizzle-postgresql.ts'
import { openDrizzleSqlite, tables as sqliteTables } from '../../support/drizzle-sqlite.ts'
import { createPostgresDatabase } from '../../support/postgres-database.ts'
import { temporarySqlite } from '../../support/temporary-sqlite.ts'

// The tables are Prisma's; both ORMs work on them.

interface Both {
  readonly prisma: RepositorySet<string>
  readonly drizzle: RepositorySet<string>
}

const databases: readonly { readonly name: string; readonly open: () => Promise<Both> }[] = [
  {
    name: 'SQLite',
    open: async () => {
      const { prisma, file } = await temporarySqlite()
      const db = openDrizzleSqlite(file)
      onTestFinished(() => db.$client.close())
      return { prisma: prismaRepositories(prisma), drizzle: drizzleRepositories(db, { tables: sqliteTables }) }
    },
  },
  {
    name: 'PostgreSQL',
    open: async () => {
      const database = await createPostgresDatabase()
      const { pool, db, drop } = openDrizzlePostgresql(database)
      const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 4 }) })
      onTestFinished(async () => {
        await prisma.$disconnect()
        await drop()
      })
      await pool.query(`insert into "Tenant" (id) values ('acme')`)
      return { prisma: prismaRepositories(prisma), drizzle: drizzleRepositories(db, { tables: pgTables }) }
    },
  },
]

const scope = tenantScope('acme')

test.each(databases)('on $name each ORM reads what the other one wrote, to the letter', async ({ open }) => {
  const { prisma, drizzle } = await open()
  for (const [writer, reader] of [
    [prisma, drizzle],
    [drizzle, prisma],
  ] as const) {
    const connection = newConnection({
      tenantId: 'acme',
      config: { text: 'ä 🧾', number: 1.5, list: [true, null], nested: { empty: {} } },
      lastAuthFailureAt: new Date('2026-03-29T03:30:00.007Z'),
    })
    const { id: connectionId } = connection
    await writer.connections.create(connection)
    expect(await reader.connections.find({ scope, id: connectionId })).toEqual(connection)

    for (const payload of ['5', null, { a: [1] }, 7, false]) {
      const rawBody = Uint8Array.from([0, 255, 128, 10])
      const event = newWebhookEvent({ tenantId: 'acme', connectionId, payload, rawBody })
      await writer.webhookEvents.insertIfAbsent(event)
      const read = await reader.webhookEvents.find({ scope, id: event.id })
      expect({ ...read, rawBody: [...(read?.rawBody ?? [])] }).toEqual({ ...event, rawBody: [...rawBody] })
      expect((await reader.webhookEvents.insertIfAbsent({ ...event, id: newId() })).isNew).toBe(false)
    }

    const log = newExecutionLog({ tenantId: 'acme', connectionId, responseStatus: null })
    await writer.executionLogs.appendMany([log])
    expect((await reader.executionLogs.list({ scope, filter: { connectionId }, limit: 5 })).items).toEqual([log])

    const oauthState = {
      id: newId(),
      tenantId: 'acme',
      providerFamily: 'code',
      providerName: 'github',
      contextEncrypted: 'v1.sealed',
      expiresAt: instant(60_000),
      createdAt: instant(0),
    }
    await writer.oauthStates.create(oauthState)
    expect(await reader.oauthStates.consume({ id: oauthState.id, at: instant(1) })).toEqual(oauthState)
  }
})

test.each(databases)('on $name a lease that one ORM took holds for the other one', async ({ open }) => {
  const { prisma, drizzle } = await open()
  for (const [holder, other] of [
    [prisma, drizzle],
    [drizzle, prisma],
  ] as const) {
    const connection = newConnection({ tenantId: 'acme' })
    await holder.connections.create(connection)
    const ref = { tenantId: 'acme', connectionId: connection.id, resourceType: 'orders' }
    const lease = { owner: 'worker', leaseMs: 1_000, clockSkewMs: 10, begin: 'resume' } as const
    const acquire = (by: RepositorySet<string>, at: Date) => by.syncStates.acquire(ref, { ...lease, id: newId(), at })
    const state = await acquire(holder, instant(0))
    expect(await other.syncStates.find({ scope, ...ref })).toEqual(state)
    expect(await acquire(other, instant(1_010))).toBeNull()
    expect(await acquire(other, instant(1_011))).toMatchObject({ fence: 2 })
    const stale = holder.syncStates.renew(ref, { fence: 1, at: instant(1_012), leaseMs: 1_000 })
    await expect(stale).rejects.toMatchObject({ code: 'LEASE_LOST' })
  }
})

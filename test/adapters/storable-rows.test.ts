import { randomUUID } from 'node:crypto'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PrismaClient as MysqlClient } from '../../generated/prisma-mysql/client/client.ts'
import { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { drizzleRepositories } from '../../src/adapters/drizzle/drizzle-repositories.ts'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { instant } from '../../src/testing/instant.ts'
import { newConnection } from '../../src/testing/new-connection.ts'
import { newWebhookEvent } from '../../src/testing/new-webhook-event.ts'
import { drizzlePostgresql, tables, tenants } from '../support/drizzle-postgresql.ts'
import * as onSqlite from '../support/drizzle-sqlite.ts'
import { drizzleSqlite } from '../support/drizzle-sqlite.ts'
import { createMysqlDatabase, mysqlMissing } from '../support/mysql-database.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { temporarySqlite } from '../support/temporary-sqlite.ts'

interface Store {
  readonly repositories: Repositories<string, unknown>
  readonly addTenant: (id: string) => Promise<unknown>
}

const stores: readonly { readonly name: string; readonly open: () => Promise<Store> }[] = [
  { name: 'memory', open: async () => ({ repositories: memoryRepositories<string>(), addTenant: async () => {} }) },
  {
    name: 'Prisma SQLite',
    open: async () => {
      const { prisma } = await temporarySqlite()
      return {
        repositories: prismaRepositories(prisma),
        addTenant: (id) => prisma.tenant.create({ data: { id } }),
      }
    },
  },
  {
    name: 'Prisma PostgreSQL',
    open: async () => {
      const database = await createPostgresDatabase()
      const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) })
      onTestFinished(async () => {
        await prisma.$disconnect()
        await database.drop()
      })
      return {
        repositories: prismaRepositories(prisma),
        addTenant: (id) => prisma.tenant.create({ data: { id } }),
      }
    },
  },
  ...(mysqlMissing === null
    ? [
        {
          name: 'Prisma MariaDB',
          open: async () => {
            const database = await createMysqlDatabase()
            const prisma = new MysqlClient({ adapter: new PrismaMariaDb(database.url) })
            onTestFinished(async () => {
              await prisma.$disconnect()
              await database.drop()
            })
            return {
              repositories: prismaRepositories(prisma),
              addTenant: (id: string) => prisma.tenant.create({ data: { id } }),
            }
          },
        },
      ]
    : []),
  {
    name: 'Drizzle PostgreSQL',
    open: async () => {
      const { db, drop } = await drizzlePostgresql()
      onTestFinished(drop)
      return {
        repositories: drizzleRepositories(db, { tables }),
        addTenant: (id) => db.insert(tenants).values({ id }),
      }
    },
  },
  {
    name: 'Drizzle SQLite',
    open: async () => {
      const { db, drop } = await drizzleSqlite()
      onTestFinished(drop)
      return {
        repositories: drizzleRepositories(db, { tables: onSqlite.tables }),
        addTenant: (id) => db.insert(onSqlite.tenants).values({ id }),
      }
    },
  },
]

const limits = { timeoutMs: 20_000, maxWaitMs: 20_000 }
const scope = { kind: 'operator' } as const
const lease = { id: 'state', owner: 'me', at: instant(0), leaseMs: 1_000, clockSkewMs: 0, begin: 'resume' } as const

describe.each(stores)('on $name', ({ open }) => {
  /** Two tenants, one of which has a connection with a delivery. */
  async function given() {
    const { repositories, addTenant } = await open()
    const [tenantId, other] = [randomUUID(), randomUUID()]
    await addTenant(tenantId)
    await addTenant(other)
    const connection = newConnection<string>({ tenantId })
    await repositories.connections.create(connection)
    const event = newWebhookEvent<string>({ tenantId, connectionId: connection.id })
    await repositories.webhookEvents.insertIfAbsent(event)
    return { repositories, connection, event, other }
  }

  test('what no database can hold is mended in texts and JSON, also in a transaction, which stays whole', async () => {
    const { repositories, connection, event } = await given()
    const spoiled = { 'a\0': ['b\0', { c: 'half \ud800' }] }
    const mended = { a: ['b', { c: 'half \ufffd' }] }
    const delivery = newWebhookEvent<string>({
      tenantId: connection.tenantId,
      connectionId: connection.id,
      payload: spoiled,
      headers: spoiled,
      error: 'x\0y\udfff',
    })
    await repositories.transaction(async ({ repositories: inside }) => {
      const patch = { config: spoiled, displayName: 'x\0y' }
      const updated = await inside.connections.update(connection, { at: instant(1), expectedVersion: 1, patch })
      expect(updated).toMatchObject({ config: mended, displayName: 'xy' })
      const stored = await inside.webhookEvents.insertIfAbsent(delivery)
      expect(stored).toMatchObject({ isNew: true, event: { payload: mended, headers: mended, error: 'xy\ufffd' } })
      const change = await inside.connections.disable(connection, { at: instant(2), reason: 'x\0y' })
      expect(change?.after).toMatchObject({ disabledReason: 'xy', version: 3 })
    }, limits)
    expect(await repositories.connections.find({ scope, id: connection.id })).toMatchObject({
      config: mended,
      disabledReason: 'xy',
    })
    expect(await repositories.webhookEvents.find({ scope, id: event.id })).toEqual(event)
  })

  test('a lookup by a text that no database can hold finds nothing and changes nothing, in a transaction either', async () => {
    const { repositories, connection, event } = await given()
    await repositories.transaction(async ({ repositories: inside }) => {
      for (const bad of ['\0', '\ud800']) {
        const ref = { tenantId: connection.tenantId, id: connection.id + bad }
        const state = { tenantId: connection.tenantId, connectionId: connection.id, resourceType: `orders${bad}` }
        const foreign = { kind: 'tenant', tenantId: connection.tenantId + bad } as const
        const at = instant(1)
        expect(await inside.connections.find({ scope, id: ref.id })).toBeNull()
        expect(await inside.connections.find({ scope: foreign, id: connection.id })).toBeNull()
        expect(await inside.connections.disable(ref, { at, reason: null })).toBeNull()
        const filtered = { scope, filter: { provider: `github${bad}` }, limit: 5 }
        expect(await inside.connections.list(filtered)).toEqual({ items: [], next: null })
        await expect(inside.syncStates.acquire(state, lease)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
        await inside.syncStates.release(state, { fence: 1, at, status: 'idle' })
        await expect(inside.syncStates.renew(state, { fence: 1, at, leaseMs: 1 })).rejects.toMatchObject({
          code: 'LEASE_LOST',
        })
        const delivery = { tenantId: event.tenantId, id: event.id + bad }
        expect(await inside.webhookEvents.claim(delivery, { at, leaseMs: 1, handled: 'all' })).toBeNull()
        await expect(inside.webhookEvents.complete(delivery, { attempt: 1, at })).rejects.toMatchObject({
          code: 'CLAIM_LOST',
        })
        const handled = { types: [event.eventType, `x${bad}`], groups: [] }
        const due = { scope, at: instant(90_000), clockSkewMs: 0, perTenant: 1_000, limit: 5, handled }
        expect((await inside.webhookEvents.due(due)).map(({ id }) => id)).toEqual([event.id])
        expect(await inside.oauthStates.consume({ id: `x${bad}`, at })).toBeNull()
        const named = newConnection<string>({ tenantId: connection.tenantId, id: ref.id })
        await expect(inside.connections.create(named)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      }
    }, limits)
    expect(await repositories.connections.find({ scope, id: connection.id })).toEqual(connection)
  })

  test('an instant that some database could not hold is refused, in a transaction that stays whole', async () => {
    const { repositories, connection } = await given()
    const years = ['0050-01-01T00:00:00.000Z', '+010000-01-01T00:00:00.000Z', 'none']
    await repositories.transaction(async ({ repositories: inside }) => {
      for (const at of years.map((text) => new Date(text))) {
        await expect(inside.connections.enable(connection, { at })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      }
      for (const at of [new Date('1000-01-01T00:00:00.000Z'), new Date('9999-12-31T23:59:59.999Z')]) {
        expect((await inside.connections.enable(connection, { at }))?.after.updatedAt).toEqual(at)
      }
    }, limits)
  })

  test('a delivery under another tenant is refused and leaves the stored one as it is', async () => {
    const { repositories, event, other } = await given()
    const foreign = { ...event, id: randomUUID(), tenantId: other }
    await expect(repositories.webhookEvents.insertIfAbsent(foreign)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(await repositories.webhookEvents.find({ scope, id: event.id })).toEqual(event)
  })

  test("a rejected delivery is kept for the connection's own tenant only", async () => {
    const { repositories, connection, other } = await given()
    const quota = { since: instant(0), limit: 5 }
    const rejected = { connectionId: connection.id, status: 'rejected' } as const
    const own = newWebhookEvent<string>({ ...rejected, tenantId: connection.tenantId })
    const foreign = newWebhookEvent<string>({ ...rejected, tenantId: other })
    expect(await repositories.webhookEvents.keepRejected(foreign, quota)).toBe(false)
    expect(await repositories.webhookEvents.keepRejected(own, quota)).toBe(true)
    expect(await repositories.webhookEvents.find({ scope, id: foreign.id })).toBeNull()
  })

  test('a transaction inside another one is refused at once, and the outer one goes on', async () => {
    const { repositories, connection } = await given()
    await repositories.transaction(async ({ repositories: inside }) => {
      const inner = repositories.transaction(async () => {}, limits)
      await expect(inner).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
      await inside.connections.disable(connection, { at: instant(1), reason: 'outer' })
    }, limits)
    expect(await repositories.connections.find({ scope, id: connection.id })).toMatchObject({ disabledReason: 'outer' })
  })
})

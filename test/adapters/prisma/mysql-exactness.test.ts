import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PrismaClient } from '../../../generated/prisma-mysql/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { newWebhookEvent } from '../../../src/testing/new-webhook-event.ts'
import { createMysqlDatabase, mysqlMissing } from '../../support/mysql-database.ts'
import type { TestDatabase } from '../../support/postgres-database.ts'
import { createShopWorldOver, shopDelivery } from '../../support/shop-world.ts'

// The collation takes these for `t1`.
const lookAlikes = ['T1', 't1 ', 'ţ1']
const lease = { owner: 'me', at: instant(0), leaseMs: 60_000, clockSkewMs: 0, begin: 'resume' } as const
const limits = { timeoutMs: 10_000, maxWaitMs: 10_000 }

describe.skipIf(mysqlMissing !== null)(mysqlMissing ?? 'text on MariaDB', () => {
  let database: TestDatabase
  let prisma: PrismaClient
  beforeAll(async () => {
    database = await createMysqlDatabase()
    prisma = new PrismaClient({ adapter: new PrismaMariaDb(database.url) })
    await prisma.tenant.create({ data: { id: 't1' } })
  })
  afterAll(async () => {
    await prisma.$disconnect()
    await database.drop()
  })

  /** A running sync and a delivery in processing, and everything that is stored of them. */
  async function given() {
    const repositories = prismaRepositories(prisma)
    const connection = newConnection<string>({ tenantId: 't1' })
    await repositories.connections.create(connection)
    const ref = { tenantId: 't1', connectionId: connection.id, resourceType: 'orders' }
    await repositories.syncStates.acquire(ref, { ...lease, id: `state of ${connection.id}` })
    const event = newWebhookEvent<string>({ tenantId: 't1', connectionId: connection.id })
    await repositories.webhookEvents.insertIfAbsent(event)
    const claim = { at: instant(0), leaseMs: 60_000, clockSkewMs: 0, handled: 'all' } as const
    await repositories.webhookEvents.claim(event, claim)
    const rows = async () => ({
      connection: await prisma.connection.findUniqueOrThrow({ where: { id: connection.id } }),
      state: await prisma.syncState.findFirstOrThrow({ where: { connectionId: connection.id } }),
      event: await prisma.webhookEvent.findUniqueOrThrow({ where: { id: event.id } }),
    })
    return { repositories, connection, ref, event, claim, rows }
  }

  test.each(lookAlikes)('a tenant %o reads and writes nothing of t1, in a transaction either', async (tenantId) => {
    const { repositories, connection, ref, event, claim, rows } = await given()
    const before = await rows()
    const at = instant(1)
    const late = { ...claim, at: instant(90_000) }
    for (const inTransaction of [false, true]) {
      const attempt = async ({ connections, syncStates, webhookEvents }: typeof repositories) => {
        const theirs = { ...connection, tenantId }
        const state = { ...ref, tenantId }
        const delivery = { id: event.id, tenantId }
        expect(await connections.update(theirs, { at, expectedVersion: 1, patch: { displayName: 'x' } })).toBeNull()
        expect(await connections.disable(theirs, { at, reason: 'x' })).toBeNull()
        expect(await connections.delete(theirs, { at })).toBeNull()
        await syncStates.release(state, { fence: 1, at, status: 'idle' })
        await expect(syncStates.renew(state, { fence: 1, at, leaseMs: 1 })).rejects.toMatchObject({
          code: 'LEASE_LOST',
        })
        expect(await syncStates.acquire(state, { ...lease, at: late.at, id: 'x' })).toBeNull()
        expect(await webhookEvents.claim(delivery, late)).toBeNull()
        await expect(webhookEvents.complete(delivery, { attempt: 1, at })).rejects.toMatchObject({
          code: 'CLAIM_LOST',
        })
      }
      if (inTransaction) {
        await repositories.transaction(({ repositories: inside }) => attempt({ ...repositories, ...inside }), limits)
      } else await attempt(repositories)
      expect(await rows()).toEqual(before)
    }
  })

  test('a state key that differs in case from one there is, is refused instead of taken for it', async () => {
    const { repositories, ref, rows } = await given()
    const before = await rows()
    const other = { ...ref, resourceType: 'Orders' }
    await expect(repositories.syncStates.acquire(other, { ...lease, id: 'x' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('"Orders" for "orders"'),
    })
    expect(await repositories.syncStates.find({ scope: { kind: 'operator' }, ...other })).toBeNull()
    expect(await rows()).toEqual(before)
  })

  test.each([31, 32, 100])('a signed body of %i levels is accepted, though MariaDB holds JSON of 31', async (depth) => {
    const { connectors, connect } = await createShopWorldOver(prismaRepositories(prisma))
    const { id } = await connect('t1')
    const body = `{"type":"order.created","deep":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    const { webhooks } = connectors.forTenant('t1')
    const result = await webhooks.receive(id, shopDelivery(body))
    if (result.status !== 'accepted') throw new Error(`The delivery was ${result.status}.`)
    const { rawBody, payload } = await webhooks.get(result.event.id)
    expect(Buffer.from(rawBody).toString()).toBe(body)
    expect(payload).toEqual(depth > 31 ? null : JSON.parse(body))
    await connectors.forTenant('t1').connections.delete(id)
  })
})

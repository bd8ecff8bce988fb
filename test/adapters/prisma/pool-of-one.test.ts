import { afterAll, beforeAll, expect, test } from 'vitest'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { pooledDatabases } from '../../support/pooled-databases.ts'
import type { TestDatabase } from '../../support/postgres-database.ts'
import { createShopWorldOver, shopDelivery } from '../../support/shop-world.ts'

// A second connection would never come: whatever the library did beside its open transaction would hang here.

const [postgresql] = pooledDatabases
let database: TestDatabase

beforeAll(async () => {
  database = await postgresql!.create()
})
afterAll(() => database.drop())

/** The library over a pool with one connection, with handlers that write a row and then do what the test says. */
async function world() {
  const prisma = postgresql!.connect(database.url, { max: 1 })
  const tenantId = `acme ${crypto.randomUUID()}`
  await prisma.tenant.create({ data: { id: tenantId } })
  const temptation = { of: async (): Promise<unknown> => undefined }
  const keys: string[] = []
  const handle = async (tx: Pick<typeof prisma, 'tenant'>, key: string) => {
    keys.push(key)
    await tx.tenant.create({ data: { id: `${tenantId} ${key}` } })
    await temptation.of()
  }
  const shopWorld = await createShopWorldOver(prismaRepositories(prisma), {
    orderCount: 5,
    handlers: { 'shop.orders': ({ tx, items }) => handle(tx, `page of ${items[0]?.id}`) },
  })
  shopWorld.connectors.webhooks.handle('order.created', ({ tx, event }) => handle(tx, `event of ${event.orderId}`))
  const { id } = await shopWorld.connect(tenantId)
  const committed = async () => {
    const rows = await prisma.tenant.findMany({ where: { id: { startsWith: `${tenantId} ` } } })
    return rows.map((row) => row.id.slice(tenantId.length + 1)).sort()
  }
  return { ...shopWorld, acme: shopWorld.connectors.forTenant(tenantId), id, temptation, keys, committed }
}

const order = JSON.stringify({ type: 'order.created', orderId: 'o9' })

test('pages and deliveries are processed, each with its handler in one transaction', async () => {
  const { acme, id, keys, committed } = await world()
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 5 })
  const received = await acme.webhooks.receive(id, shopDelivery(order))
  expect(received).toMatchObject({ status: 'accepted' })
  const eventId = received.status === 'accepted' ? received.event.id : ''
  expect(await acme.webhooks.process(eventId)).toMatchObject({ status: 'processed' })
  expect(await committed()).toEqual([...keys].sort())
  expect(keys).toContain('event of o9')
})

test('the next page is fetched while the transaction of the current one has the only connection', async () => {
  const { acme, id, temptation, server, committed } = await world()
  for (let order = 6; order <= 25; order += 1) server.orders.push({ id: `o${order}`, total: '1.00' })
  let arrived = () => {}
  const next = new Promise<void>((resolve) => {
    arrived = resolve
  })
  server.intercept = (request) => {
    if (request.url === '/orders?offset=10') arrived()
    return false
  }
  // Without a fetch that goes ahead it would never come.
  temptation.of = () => next
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
  expect(await committed()).toEqual(['page of o1', 'page of o11', 'page of o21'])
})

test('two runs and a delivery at once share the connection, and nobody waits for himself', async () => {
  const { acme, id, connect, connectors, committed, keys } = await world()
  const other = await connectors.operator.connections.get(id)
  const second = await connect(other.tenantId)
  const [first, later, delivery] = await Promise.all([
    acme.sync.page(id, 'orders'),
    acme.sync.state(second.id, 'orders'),
    acme.webhooks.receive(id, shopDelivery(order)),
  ])
  expect(first.status).not.toBe('failed')
  expect(later).toBeNull()
  expect(delivery).toMatchObject({ status: 'accepted' })
  expect(await committed()).toEqual([...keys].sort())
})

test('a facade call inside of a handler is refused at once, and the page is rolled back', async () => {
  const { acme, id, temptation, committed } = await world()
  temptation.of = () => acme.connections.get(id)
  const startedAt = performance.now()
  const page = await acme.sync.run(id, 'orders')
  expect(page).toMatchObject({ status: 'failed', kind: 'handler', error: { code: 'INSIDE_TRANSACTION' } })
  // Nothing waited for the 30 s of the transaction limit.
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  expect(await committed()).toEqual([])
})

import { expect, onTestFinished, test } from 'vitest'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import type { WebhookSupport } from '../../src/core/domain/provider.ts'
import { arrayElements } from '../../src/providers/kit/index.ts'
import { openPostgresqlClient } from '../support/pooled-clients.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { type ShopEvent, shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'

const appSecret = 'secret-of-the-app'
const tenants = ['acme', 'globex', 'initech']

/** The shop as an app: a delivery is about the accounts that it names. */
const appShop: typeof shop = {
  ...shop,
  webhooks: {
    ...(shop.webhooks as WebhookSupport<ShopEvent>),
    split: ({ rawBody }) => arrayElements(rawBody),
    orderKey: (_headers, payload) => (payload as { accounts: string[] }).accounts.join(),
    accounts: ({ rawBody }) => (JSON.parse(Buffer.from(rawBody).toString()) as { accounts: string[] }).accounts,
  },
}

const order = (orderId: string) => JSON.stringify({ type: 'order.created', orderId, accounts: ['A1'] })

/** An app over a database that is behind a line which can be cut. */
async function application() {
  const database = await createPostgresDatabase()
  const direct = new URL(database.url)
  const line = await tcpProxy(direct.hostname, Number(direct.port))
  const proxied = new URL(database.url)
  proxied.port = String(line.port)
  const own = openPostgresqlClient(database.url)
  const prisma = openPostgresqlClient(proxied.href, { acquireMs: 2_000 })
  onTestFinished(async () => {
    await own.$disconnect()
    await prisma.$disconnect()
    await line.close()
    await database.drop()
  })
  await own.tenant.createMany({ data: tenants.map((id) => ({ id })) })
  const world = await createShopWorldOver(prismaRepositories(prisma), {
    providers: [appShop],
    webhooks: { apps: { testshop: { secrets: [appSecret] } }, keepOrder: true },
  })
  const { connections, webhooks } = world.connectors.operator
  const connect = async (tenantId: string, account = 'A1') => {
    const { id } = await world.connect(tenantId, { test: false })
    await connections.setExternalAccount(id, account)
    return id
  }
  const send = (body: string) =>
    world.connectors.handler(
      new Request('https://app.test/webhooks/app/testshop', {
        method: 'POST',
        ...shopDelivery(body, { secret: appSecret }),
      }),
    )
  const rows = () => webhooks.list().all()
  return { ...world, own, line, webhooks, connections, connect, send, rows }
}

test('a database that goes away half-way through many connections is 503; the delivery comes again and makes no twins', async () => {
  const { line, connect, send, rows, webhooks, connectors, own } = await application()
  const ids = await Promise.all(Array.from({ length: 30 }, (_, made) => connect(tenants[made % 3] ?? 'acme')))
  await connect('acme', 'B2')

  // The first page of connections is through, the second one's inserts are not.
  await own.$executeRaw`CREATE FUNCTION many() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM connectors_webhook_event) >= 26 THEN RAISE EXCEPTION USING ERRCODE = '57P01', MESSAGE = 'terminating'; END IF;
    RETURN NEW; END $$`
  await own.$executeRaw`CREATE TRIGGER many BEFORE INSERT ON connectors_webhook_event FOR EACH ROW EXECUTE FUNCTION many()`
  const refused = await send(order('o1'))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])
  const half = await rows()
  expect(half.length).toBeGreaterThanOrEqual(25)
  expect(half.length).toBeLessThan(ids.length)
  await own.$executeRaw`DROP TRIGGER many ON connectors_webhook_event`
  // Stored, but nobody here knows.
  line.cutAnswersTo('INSERT INTO')
  expect((await send(order('o1'))).status).toBe(503)
  line.cutAnswersTo(null)

  await expect.poll(async () => (await send(order('o1'))).status, { timeout: 10_000 }).toBe(200)
  const stored = await rows()
  expect(stored.map(({ connectionId }) => connectionId).toSorted()).toEqual(ids.toSorted())

  connectors.webhooks.handle('order.created', async ({ connection, tx }) => {
    await tx.tenant.create({ data: { id: `handled ${connection.id}` } })
  })
  await webhooks.processDue()
  expect(await own.tenant.count({ where: { id: { startsWith: 'handled ' } } })).toBe(ids.length)
})

test('sixteen deliveries of one body at once are one row for each of its events and connections, handled once and in order', async () => {
  const { connect, send, rows, connectors, webhooks, own, eventsOf } = await application()
  const ids = [await connect('acme'), await connect('acme'), await connect('globex')]
  const orders = ['o1', 'o2', 'o3']
  connectors.webhooks.handle('order.created', async ({ event, connection, tx }) => {
    await tx.tenant.create({ data: { id: `handled ${connection.id} ${event.orderId}` } })
  })
  const body = `[${orders.map(order).join()}]`
  const statuses = await Promise.all(Array.from({ length: 16 }, async () => (await send(body)).status))
  expect(new Set(statuses)).toEqual(new Set([200]))
  // What waited for its turn goes on here.
  const processed = async () => {
    await webhooks.processDue()
    return eventsOf('webhook.processed').length
  }
  await expect.poll(processed, { timeout: 10_000 }).toBe(9)
  const stored = (await rows()).map(({ connectionId, deliveries, attempts }) => [connectionId, deliveries, attempts])
  expect(stored.toSorted()).toEqual(ids.flatMap((id) => orders.map(() => [id, 16, 1])).toSorted())
  expect(await own.tenant.count({ where: { id: { startsWith: 'handled ' } } })).toBe(9)
  const handled = eventsOf('webhook.processed')
  for (const id of ids) {
    const ofOne = handled.filter(({ connectionId }) => connectionId === id)
    expect(ofOne.map(({ parsed }) => (parsed as ShopEvent).orderId)).toEqual(orders)
  }
})

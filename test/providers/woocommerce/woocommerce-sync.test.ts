import { memoryRepositories } from 'bapp-connectors/memory'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createConnectors } from '../../../src/create-connectors.ts'
import type { Order } from '../../../src/families/shop/index.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { testKey } from '../../support/shop-world.ts'
import {
  startWooCommerceServer,
  type WooCommerceServer,
  type WooCommerceServerOptions,
  wooOrder,
} from '../../support/woocommerce-server.ts'

const credentialsOf = (shop: WooCommerceServer) => ({
  consumer_key: 'ck_acme',
  consumer_secret: 'cs_acme',
  store_url: shop.storeUrl,
})

/** A shop and a tenant that is connected to it; what its handlers were given is kept by id, as an upsert would. */
async function connect(options: WooCommerceServerOptions = {}) {
  const shop = await startWooCommerceServer(options)
  const orders = new Map<string, Order>()
  const delivered: string[] = []
  const customers: string[] = []
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [woocommerce],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    clock: createFakeClock(),
    handlers: {
      'shop.orders': async ({ items }) => {
        for (const order of items) {
          orders.set(order.externalId, order)
          delivered.push(order.externalId)
        }
      },
      'shop.customers': async ({ items }) => void customers.push(...items.map(({ externalId }) => externalId)),
      'shop.products': async () => {},
    },
  })
  onTestFinished(async () => {
    await connectors.close()
    await shop.close()
  })
  const acme = connectors.forTenant('acme')
  const { id } = await acme.connections.create(woocommerce, { credentials: credentialsOf(shop) })
  expect(await acme.connections.test(id)).toMatchObject({ status: 'connected' })
  return { shop, acme, id, orders, delivered, customers }
}

const expectSame = (orders: ReadonlyMap<string, Order>, shop: WooCommerceServer) => {
  const current = [...shop.store.orders.values()].map(({ id, status, date_modified_gmt }) => [
    String(id),
    `${String(status)} ${date_modified_gmt}`,
  ])
  const seen = [...orders.values()].map(({ externalId, providerStatus, updatedAt }) => [
    externalId,
    `${providerStatus} ${updatedAt.toISOString().slice(0, 19)}`,
  ])
  expect(new Map(seen as [string, string][])).toEqual(new Map(current as [string, string][]))
}

describe('the orders of a shop', () => {
  test('come once each, and the next run brings only what changed since', async () => {
    const { shop, acme, id, orders, delivered } = await connect({ orderCount: 330 })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
    expect(delivered).toHaveLength(330)
    expectSame(orders, shop)

    shop.change('orders', 7, '2026-02-01T00:00:00', { status: 'completed' })
    // In the second of the newest order that was seen: a bound that leaves its own instant out would miss it.
    shop.change('orders', 8, wooOrder(330, '2026-01-01T00:00:47').date_modified_gmt, { status: 'cancelled' })
    delivered.length = 0
    await acme.sync.run(id, 'orders')
    expect([...delivered].sort()).toEqual(['7', '8'])
    expectSame(orders, shop)

    delivered.length = 0
    await acme.sync.run(id, 'orders')
    expect(delivered).toEqual([])
  })

  test('are all there when orders change, come and go while they are paged through', async () => {
    const { shop, acme, id, orders } = await connect({ orderCount: 500, perSecond: 60 })
    let lists = 0
    shop.beforeList = (resource) => {
      if (resource !== 'orders' || lists >= 6) return
      lists += 1
      for (let nth = 0; nth < 40; nth += 1) {
        shop.change('orders', nth * 12 + lists, `2026-01-02T00:00:0${lists}`, { status: 'completed' })
      }
      shop.store.orders.set(500 + lists, wooOrder(500 + lists, `2026-01-02T00:00:0${lists}`))
    }
    await acme.sync.run(id, 'orders')
    await acme.sync.run(id, 'orders')
    expect(lists).toBe(6)
    expectSame(orders, shop)
  })

  test('are all there when hundreds of one second, an import, change and vanish while just these are paged through', async () => {
    const { shop, acme, id, orders } = await connect({ orderCount: 700, perSecond: 650 })
    let lists = 0
    shop.beforeList = (resource) => {
      if (resource !== 'orders' || lists >= 8) return
      lists += 1
      // Those in front: all behind them move over the border of the page.
      for (let nth = 1; nth <= 30; nth += 1) {
        const orderId = lists * 40 + nth
        if (nth % 2 === 0) shop.change('orders', orderId, `2026-01-03T00:00:0${lists}`, { status: 'completed' })
        else shop.store.orders.delete(orderId)
      }
    }
    await acme.sync.run(id, 'orders')
    expect(lists).toBe(8)
    for (const orderId of [...orders.keys()]) if (!shop.store.orders.has(Number(orderId))) orders.delete(orderId)
    expectSame(orders, shop)
  })

  test('that turn up behind a younger one, or are dated ahead, make none be missed', async () => {
    const { shop, acme, id, orders, delivered } = await connect({ orderCount: 3 })
    const at = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}`
    shop.now = new Date(`${at(10)}Z`)
    shop.store.orders.set(11, wooOrder(11, at(9)))
    shop.store.orders.set(12, wooOrder(12, '2026-03-02T00:00:00'))
    await acme.sync.run(id, 'orders')
    expect(delivered).toEqual(['1', '2', '3'])
    // Dated before the one that was there already.
    shop.store.orders.set(10, wooOrder(10, at(8)))
    shop.now = new Date(`${at(30)}Z`)
    await acme.sync.run(id, 'orders')
    expect(delivered.slice(3)).toEqual(['10', '11'])
    shop.now = new Date('2026-03-02T00:01:00Z')
    await acme.sync.run(id, 'orders')
    expect(delivered.slice(5)).toEqual(['12'])
    expectSame(orders, shop)
  })

  test.each([
    ['a cache drops the totals', { totals: false }],
    ['a page behind the last is refused', { totals: false, refusesPastEnd: true }],
  ])('end when %s', async (_what, options) => {
    const { shop, acme, id, orders } = await connect({ orderCount: 200, ...options })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
    expectSame(orders, shop)
  })

  test('start over when the keys are for another shop', async () => {
    const { acme, id, orders } = await connect({ orderCount: 3 })
    await acme.sync.run(id, 'orders')
    const other = await startWooCommerceServer({ orderCount: 5 })
    onTestFinished(other.close)
    await acme.connections.rotateCredentials(id, credentialsOf(other), woocommerce)
    orders.clear()
    await acme.sync.run(id, 'orders')
    expectSame(orders, other)
  })
})

test('the customers come all of them each time, and none is missed when those before it are deleted', async () => {
  const { shop, acme, id, customers } = await connect({ customerCount: 350 })
  let lists = 0
  shop.beforeList = (resource) => {
    if (resource !== 'customers') return
    lists += 1
    if (lists === 2) for (let gone = 1; gone <= 100; gone += 1) shop.store.customers.delete(gone)
  }
  await acme.sync.run(id, 'customers')
  expect(customers.map(Number)).toEqual(Array.from({ length: 350 }, (_, index) => index + 1))
  customers.length = 0
  await acme.sync.run(id, 'customers')
  expect(customers).toHaveLength(250)
})

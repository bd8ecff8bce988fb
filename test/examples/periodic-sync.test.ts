import { expect, onTestFinished, test } from 'vitest'
import { doLater, startInProcess, startPgBoss, syncPeriodically } from '../../examples/periodic-sync.ts'
import { emptyPostgresDatabase } from '../support/postgres-database.ts'
import { testKey } from '../support/shop-world.ts'
import { startWooCommerceServer, wooOrder } from '../support/woocommerce-server.ts'

// BullMQ, whose keys in Redis the example shares with everybody, is left to examples/apps/fastify-bullmq.
const engines = {
  'in this process': async () => startInProcess(),
  'on pg-boss': async () => {
    const { url, drop } = await emptyPostgresDatabase()
    onTestFinished(drop)
    return startPgBoss(url)
  },
}

test.each(Object.entries(engines))(
  'a shop is synced periodically %s, and what was left for later is done',
  async (_, start) => {
    const shop = await startWooCommerceServer({ orderCount: 3 })
    onTestFinished(shop.close)
    shop.store.orders.set(12_345, wooOrder(12_345, '2026-01-01T00:00:09'))
    const { queue, stop } = await start()
    onTestFinished(stop)
    const orders: string[] = []
    const listeners = process.listeners('SIGTERM')
    const started = await syncPeriodically({
      queue,
      encryption: { keys: [{ id: 'k1', key: testKey() }] },
      http: { allowPrivateNetwork: true },
      shop: { store_url: shop.storeUrl, consumer_key: 'ck_acme', consumer_secret: 'cs_acme' },
      onOrder: (id) => orders.push(id),
    })
    onTestFinished(async () => {
      const added = process.listeners('SIGTERM').filter((listener) => !listeners.includes(listener))
      for (const listener of added) process.off('SIGTERM', listener)
      await started.worker.drain()
      await started.connectors.close()
    })

    await expect.poll(() => orders, { timeout: 10_000 }).toEqual(['1', '2', '3', '12345'])
    const { sync } = started.connectors.forTenant(started.tenantId)
    expect(await sync.state(started.shopId, 'orders')).toMatchObject({ schedule: { everyMs: 900_000 } })

    await doLater(started)
    await expect.poll(() => shop.store.orders.get(12_345)?.status, { timeout: 10_000 }).toBe('completed')
    await expect.poll(() => orders, { timeout: 10_000 }).toHaveLength(8)
  },
)

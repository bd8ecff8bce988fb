import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { eq } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import * as database from '../../examples/drizzle-sqlite.ts'
import {
  keepOrdersCurrent,
  keepOrdersCurrentAtNight,
  runDueSyncs,
  syncAllShopOrders,
} from '../../examples/shop-orders.ts'
import { orders, startConnectors } from '../../examples/sync-orders.ts'
import { drizzleDdl } from '../support/drizzle-ddl.ts'
import { testKey } from '../support/shop-world.ts'
import { startWooCommerceServer } from '../support/woocommerce-server.ts'

test('2,500 orders of a shop are there exactly once, though the first run is stopped half way and another shop refuses', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-example-'))
  const opened = await database.openDatabase(join(folder, 'app.db'))
  const { companies, connection, syncState, webhookEvent, executionLog, oauthState } = database
  for (const table of [companies, connection, syncState, webhookEvent, executionLog, oauthState, orders]) {
    for (const statement of drizzleDdl(table)) await opened.db.run(statement)
  }
  const shop = await startWooCommerceServer({ orderCount: 2_500 })
  const connectors = startConnectors(
    opened,
    { put: async () => {} },
    { encryption: { keys: [{ id: 'k1', key: testKey() }] }, http: { allowPrivateNetwork: true } },
  )
  onTestFinished(async () => {
    await connectors.close()
    await shop.close()
    opened.db.$client.close()
    await rm(folder, { recursive: true })
  })
  const connect = async (tenantId: string, consumer_key: string, consumer_secret: string) => {
    await opened.db.insert(companies).values({ id: tenantId })
    const own = connectors.forTenant(tenantId).connections
    const credentials = { consumer_key, consumer_secret, store_url: shop.storeUrl }
    const { id } = await own.create(woocommerce, { displayName: `shop of ${tenantId}`, credentials })
    await own.test(id)
    return id
  }
  const globex = await connect('globex', 'ck_globex', 'cs_secret_of_globex')
  const acme = await connect('acme', 'ck_acme', 'cs_acme')
  // The key of the first shop is taken away.
  shop.keys.delete('ck_globex')

  const stop = new AbortController()
  let pageCount = 0
  connectors.on('sync.pageCommitted', () => {
    pageCount += 1
    if (pageCount === 10) stop.abort()
  })
  expect(await syncAllShopOrders(connectors, { signal: stop.signal })).toMatchObject([
    { tenantId: 'globex', shop: 'shop of globex', result: { status: 'failed', kind: 'authentication', pageCount: 0 } },
    { tenantId: 'acme', shop: 'shop of acme', result: { status: 'partial', reason: 'aborted', pageCount: 10 } },
  ])
  const stoppedAt = (await opened.db.select().from(orders)).length
  expect(stoppedAt).toBeGreaterThan(0)
  expect(stoppedAt).toBeLessThan(2_500)

  const [, ofAcme] = await syncAllShopOrders(connectors)
  expect(ofAcme).toMatchObject({ tenantId: 'acme', result: { status: 'completed' } })
  const kept = await opened.db.select().from(orders).where(eq(orders.connectionId, acme))
  expect(new Set(kept.map((order) => order.id)).size).toBe(2_500)
  expect(kept).toHaveLength(2_500)
  expect(await opened.db.select().from(orders).where(eq(orders.connectionId, globex))).toEqual([])

  // Nothing is new; what lies in the overlap is written over itself.
  const [, again] = await syncAllShopOrders(connectors)
  expect(again).toMatchObject({ result: { status: 'completed' } })
  expect(await opened.db.select().from(orders)).toHaveLength(2_500)

  shop.change('orders', 7, '2026-05-30T00:00:00')
  const { sync } = connectors.forTenant('acme')
  await keepOrdersCurrent(connectors, 'acme', acme)
  expect(await sync.state(acme, 'orders')).toMatchObject({ schedule: { everyMs: 900_000, isPaused: false } })
  await sync.schedule(acme, 'orders', { everyMs: 900_000 })
  const before = (await sync.state(acme, 'orders'))?.itemsSynced ?? 0
  await runDueSyncs(connectors)
  const synced = await sync.state(acme, 'orders')
  expect(synced?.itemsSynced).toBeGreaterThan(before)
  expect(synced?.dueAt?.getTime()).toBeGreaterThan(Date.now())
  await keepOrdersCurrentAtNight(connectors, 'acme', acme)
  expect(await sync.state(acme, 'orders')).toMatchObject({ schedule: { cron: '0 3 * * *' } })
})

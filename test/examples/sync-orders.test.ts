import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { expect, onTestFinished, test } from 'vitest'
import * as database from '../../examples/drizzle-sqlite.ts'
import { exportOrdersOfThisYear, orders, startConnectors, syncForAMinute } from '../../examples/sync-orders.ts'
import { drizzleDdl } from '../support/drizzle-ddl.ts'
import { testKey } from '../support/shop-world.ts'
import { startWooCommerceServer } from '../support/woocommerce-server.ts'

test('the example keeps orders, sweeps those that are gone, and feeds what lies outside of the database', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'connectors-example-'))
  const opened = await database.openDatabase(join(folder, 'app.db'))
  const { companies, connection, syncState, webhookEvent, executionLog, oauthState } = database
  for (const table of [companies, connection, syncState, webhookEvent, executionLog, oauthState, orders]) {
    for (const statement of drizzleDdl(table)) await opened.db.run(statement)
  }
  await opened.db.insert(companies).values({ id: 'acme' })
  const shop = await startWooCommerceServer({ orderCount: 130, productCount: 7 })
  const documents: string[] = []
  const connectors = startConnectors(
    opened,
    { put: async (added) => void documents.push(...added.map(({ id }) => id)) },
    { encryption: { keys: [{ id: 'k1', key: testKey() }] }, http: { allowPrivateNetwork: true } },
  )
  onTestFinished(async () => {
    await connectors.close()
    await shop.close()
    opened.db.$client.close()
    await rm(folder, { recursive: true })
  })
  const acme = connectors.forTenant('acme')
  const credentials = { consumer_key: 'ck_acme', consumer_secret: 'cs_acme', store_url: shop.storeUrl }
  const { id } = await acme.connections.create(woocommerce, { credentials })
  await acme.connections.test(id)

  expect(await syncForAMinute(connectors, 'acme', id)).toBe('up to date: 130 orders, 0 of them rejected')
  expect(await opened.db.select().from(orders)).toHaveLength(130)

  shop.store.orders.delete(5)
  // As if the first run had been long ago.
  await opened.db.update(orders).set({ writtenAt: new Date(0) })
  expect(await acme.sync.full(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 129 })
  const kept = await opened.db.select().from(orders)
  expect(kept).toHaveLength(129)
  expect(kept.map((order) => order.id)).not.toContain(`${id}:5`)

  // An order that is rejected is still there, though nothing new is written of it.
  const unexplained = shop.store.orders.get(6)
  if (unexplained !== undefined) shop.store.orders.set(6, { ...unexplained, status: 'of-some-plugin' })
  await opened.db.update(orders).set({ writtenAt: new Date(0) })
  expect(await acme.sync.full(id, 'orders')).toMatchObject({ status: 'completed', rejectedCount: 1 })
  expect((await opened.db.select().from(orders)).map((order) => order.id)).toContain(`${id}:6`)

  expect(await acme.sync.run(id, 'products')).toMatchObject({ status: 'completed', guarantee: 'at-least-once' })
  expect(documents).toHaveLength(7)

  const lines: string[] = []
  const exported = await exportOrdersOfThisYear(connectors, 'acme', id, async (line) => void lines.push(line))
  expect(exported).toMatchObject({ status: 'completed', itemCount: lines.length })
  expect(await acme.sync.state(id, 'orders:export-2026')).toMatchObject({ itemsSynced: lines.length })
})

import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'
import { createAdminWorld } from './admin-world.ts'

test('where there are workers, syncs are left to them: kept in the row, and put into the queue', async () => {
  const shop = await createShopWorld({ orderCount: 12, handlers: { 'shop.orders': async () => {} } })
  const { chief, connect, connectors, server } = await createAdminWorld({ hasWorkers: true }, shop)
  const { id } = await connect('acme')
  const path = `/admin/connections/${id}`
  const state = () => connectors.operator.sync.state(id, 'orders')
  server.requests.length = 0
  await chief.post(`${path}/syncs/orders/run`)
  expect((await chief.get(path)).html).toContain('A worker will sync orders; this page shows how it goes.')
  expect([(await state())?.dueAt === null, server.requests]).toEqual([false, []])
  await chief.post(`${path}/syncs/orders/full`, { confirmation: 'orders' })
  expect((await state())?.fullRequestedAt).not.toBeNull()
  const synced = new Promise((resolve) => connectors.on('sync.completed', resolve))
  const worker = connectors.work({ tickEveryMs: false })
  await synced
  await worker.drain()
  expect(await state()).toMatchObject({ status: 'completed', itemsSynced: 12, generation: 1, fullRequestedAt: null })
  const acts = await connectors.operator.executions.list({ runId: 'operator' }).all()
  expect(acts.map(({ action }) => action)).toEqual(['sync.full', 'sync.run'])
})

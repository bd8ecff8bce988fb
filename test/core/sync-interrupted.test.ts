import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'

async function givenSync() {
  const world = await createShopWorld({ orderCount: 25, handlers: { 'shop.orders': async () => {} } })
  const { id } = await world.connect('acme')
  return { ...world, id, acme: world.connectors.forTenant('acme') }
}

test('a run that is cancelled commits no further page and ends as partial; the next goes on from there', async () => {
  const { acme, id, server } = await givenSync()
  server.intercept = async ({ url }) => {
    if (String(url).includes('offset=10')) {
      server.intercept = null
      await acme.sync.cancel(id, 'orders')
    }
    return false
  }
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'partial', reason: 'lease-lost', itemCount: 10 })
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 15 })
})

test('a sync that is reset begins from the beginning', async () => {
  const { acme, id } = await givenSync()
  await acme.sync.run(id, 'orders')
  expect(await acme.sync.reset(id, 'orders')).toMatchObject({ cursor: null, status: 'idle', mode: 'incremental' })
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 25 })
})

test('what never ran can be neither cancelled nor reset, and what is foreign is not there', async () => {
  const { acme, connectors, id } = await givenSync()
  expect(await acme.sync.cancel(id, 'orders')).toBeNull()
  expect(await acme.sync.reset(id, 'orders')).toBeNull()
  await acme.sync.run(id, 'orders')
  const globex = connectors.forTenant('globex')
  await expect(globex.sync.reset(id, 'orders')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  expect(await globex.sync.states().all()).toEqual([])
  expect(await acme.sync.states({ status: 'completed', resourceType: 'orders' }).all()).toHaveLength(1)
})

import { expect, test } from 'vitest'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

test.each(testStores)('on $name a burst of deliveries is stored, and handled a few at a time', async ({ open }) => {
  const { repositories } = await open()
  const { connectors, connect, eventsOf } = await createShopWorldOver(repositories, { webhooks: { concurrency: 3 } })
  const { id } = await connect('acme')
  let running = 0
  let most = 0
  const handled = new Set<string>()
  connectors.webhooks.handle('order.created', {
    prepare: async ({ event }) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return async () => void handled.add(event.orderId)
    },
  })
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const body = JSON.stringify({ type: 'order.created', orderId: `o${index}` })
      const delivery = shopDelivery(body, { deliveryId: `d${index}` })
      const request = new Request(`https://app.test/webhooks/${id}`, { method: 'POST', ...delivery })
      return (await connectors.handler(request)).status
    }),
  )
  expect(new Set(statuses)).toEqual(new Set([200]))
  const isDone = () => eventsOf('webhook.processed').length + eventsOf('webhook.failed').length === 200
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve))
  expect(eventsOf('webhook.failed')).toEqual([])
  expect(handled.size).toBe(200)
  expect(most).toBeLessThanOrEqual(3)
})

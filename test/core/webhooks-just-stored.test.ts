import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'

/** Deliveries of a shop, and how often one of them was read. */
async function shopDeliveries() {
  const repositories = memoryRepositories<string>()
  const { webhookEvents } = repositories
  let readCount = 0
  const find: typeof webhookEvents.find = (query) => {
    readCount += 1
    return webhookEvents.find(query)
  }
  const world = await createShopWorldOver({ ...repositories, webhookEvents: { ...webhookEvents, find } })
  const { id } = await world.connect('acme')
  const webhooksOf = (tenant: string) => world.connectors.forTenant(tenant).webhooks
  const receive = async (orderId = 'o1') => {
    const body = JSON.stringify({ type: 'order.created', orderId })
    const result = await webhooksOf('acme').receive(id, shopDelivery(body))
    if (!('event' in result)) throw new Error(result.status)
    return result.event.id
  }
  return { ...world, webhooksOf, receive, readCount: () => readCount }
}

test('what was just stored is not read to begin with it, and not known a second time', async () => {
  const { webhooksOf, receive, readCount, connectors } = await shopDeliveries()
  connectors.webhooks.handle('order.created', async () => {})
  const eventId = await receive()
  expect(await webhooksOf('acme').process(eventId)).toMatchObject({ status: 'processed' })
  expect(readCount()).toBe(0)
  expect(await webhooksOf('acme').process(eventId)).toMatchObject({ status: 'skipped' })
  expect(readCount()).toBe(1)
})

test('nor where nobody handles its type: it is seen as unhandled all the same', async () => {
  const { webhooksOf, receive, readCount } = await shopDeliveries()
  const eventId = await receive()
  expect(await webhooksOf('acme').process(eventId)).toMatchObject({ status: 'unhandled' })
  expect(readCount()).toBe(0)
  expect(await webhooksOf('acme').get(eventId)).toMatchObject({ status: 'unhandled' })
})

test('a repetition makes nothing known, and what was stored a second ago is read', async () => {
  const { webhooksOf, receive, readCount, clock } = await shopDeliveries()
  const eventId = await receive()
  await clock.advance(1_000)
  expect(await receive()).toBe(eventId)
  await webhooksOf('acme').process(eventId)
  expect(readCount()).toBe(1)
})

test('of more than a thousand that nobody begins with the oldest is forgotten', async () => {
  const { webhooksOf, receive, readCount } = await shopDeliveries()
  const first = await receive()
  const second = await receive('o2')
  for (let number = 3; number <= 1_001; number += 1) await receive(`o${number}`)
  await webhooksOf('acme').process(first)
  expect(readCount()).toBe(1)
  await webhooksOf('acme').process(second)
  expect(readCount()).toBe(1)
})

test('another tenant finds nothing, and leaves it to its own', async () => {
  const { webhooksOf, receive, readCount } = await shopDeliveries()
  const eventId = await receive()
  await expect(webhooksOf('globex').process(eventId)).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
  expect(await webhooksOf('acme').process(eventId)).toMatchObject({ status: 'unhandled' })
  expect(readCount()).toBe(1)
})

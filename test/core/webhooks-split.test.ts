import { expect, test } from 'vitest'
import { type MemoryTransaction, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { DeliveryIdSource, WebhookSupport } from '../../src/core/domain/provider.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { arrayElements } from '../../src/providers/kit/array-elements.ts'
import { type ShopEvent, shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'

type Split = NonNullable<WebhookSupport<ShopEvent>['split']>

async function worldOfBatches(
  deliveryId: DeliveryIdSource | null = null,
  split: Split = ({ rawBody }) => arrayElements(rawBody),
  repositories: Repositories<string, MemoryTransaction> = memoryRepositories<string>(),
) {
  if (shop.webhooks === null) throw new Error('the test shop has webhooks')
  const providers = [{ ...shop, webhooks: { ...shop.webhooks, deliveryId, split } }] as const
  const world = await createShopWorldOver(repositories, { providers })
  const { id } = await world.connect('acme')
  const { webhooks } = world.connectors.forTenant('acme')
  const stored = async () => (await webhooks.list().all()).toReversed()
  return { ...world, id, webhooks, stored }
}
const o1 = '{"id":1,"type":"order.created","orderId":"o1"}'
const o2 = '{"id":2,"type":"order.paid","orderId":"o2", "amount":"1.0"}'
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('several events in one delivery are stored, announced and handled each by itself', async () => {
  const { connectors, webhooks, id, stored, eventsOf } = await worldOfBatches()
  const handled: string[] = []
  connectors.webhooks.handle('order.*', async ({ event }) => void handled.push(`${event.type} ${event.orderId}`))
  const result = await webhooks.receive(id, shopDelivery(`[${o1},\n ${o2}]`))
  const rows = await stored()
  expect(rows).toMatchObject([
    { eventType: 'order.created', payload: { orderId: 'o1' }, deliveries: 1, status: 'received' },
    { eventType: 'order.paid', payload: { orderId: 'o2' }, deliveries: 1, status: 'received' },
  ])
  expect(rows.map(({ rawBody }) => text(rawBody))).toEqual([o1, o2])
  expect(result).toMatchObject({
    status: 'accepted',
    signatureValid: true,
    event: { id: rows[0]?.id },
    events: rows.map((row) => ({ isNew: true, event: { id: row.id } })),
  })
  expect(eventsOf('webhook.received').map(({ event }) => event.eventType)).toEqual(['order.created', 'order.paid'])
  await webhooks.processDue()
  expect(handled).toEqual(['order.created o1', 'order.paid o2'])
})

test('the handler of requests processes all of them', async () => {
  const { connectors, id, eventsOf } = await worldOfBatches()
  connectors.webhooks.handle('*', async () => {})
  const { headers, body } = shopDelivery(`[${o1},${o2}]`)
  const request = () => new Request(`https://app.test/webhooks/${id}`, { method: 'POST', headers, body })
  expect((await connectors.handler(request())).status).toBe(200)
  await expect.poll(() => eventsOf('webhook.processed')).toHaveLength(2)
  expect((await connectors.handler(request())).status).toBe(200)
  expect(eventsOf('webhook.duplicated')).toHaveLength(2)
})

test('a repetition of the whole repeats each; equal events in one delivery are two', async () => {
  const { webhooks, id, stored } = await worldOfBatches()
  expect(await webhooks.receive(id, shopDelivery(`[${o1},${o1}]`))).toMatchObject({ status: 'accepted' })
  expect(await webhooks.receive(id, shopDelivery(`[${o1},${o1}]`))).toMatchObject({ status: 'duplicate' })
  expect(await stored()).toMatchObject([{ deliveries: 2 }, { deliveries: 2 }])
  // Without ids of their own they belong to their delivery.
  expect(await webhooks.receive(id, shopDelivery(`[${o1}]`))).toMatchObject({ status: 'accepted' })
})

test('events with ids of their own are known in any delivery', async () => {
  const { webhooks, id, stored } = await worldOfBatches({ body: 'id' })
  expect(await webhooks.receive(id, shopDelivery(`[${o1}]`))).toMatchObject({ status: 'accepted' })
  const result = await webhooks.receive(id, shopDelivery(`[${o2},${o1}]`))
  expect(result).toMatchObject({ status: 'accepted', events: [{ isNew: true }, { isNew: false }] })
  expect(await webhooks.receive(id, shopDelivery(`[${o1},${o2}]`))).toMatchObject({ status: 'duplicate' })
  expect(await stored()).toMatchObject([{ deliveries: 3 }, { deliveries: 2 }])
  // One that has none among those that have.
  expect(await webhooks.receive(id, shopDelivery(`[${o1},{"type":"order.paid"}]`))).toMatchObject({
    events: [{ isNew: false }, { isNew: true }],
  })
})

test.each(['is signed', 'is not signed'])(
  'an id of a header that %s is that of the whole delivery: no event takes the place of another',
  async (what) => {
    const deliveryId = { header: 'x-shop-delivery', isSigned: what === 'is signed' }
    const { webhooks, id, stored } = await worldOfBatches(deliveryId)
    await webhooks.receive(id, shopDelivery(`[${o1},${o2}]`))
    expect(await stored()).toHaveLength(2)
    await webhooks.receive(id, shopDelivery(`[${o1},${o2}]`, { deliveryId: 'd2' }))
    expect(await stored()).toHaveLength(4)
  },
)

test.each<[string, Split]>([
  ['finds nothing', () => []],
  [
    'throws',
    () => {
      throw new Error('not today')
    },
  ],
  ['answers something else', () => ['{}' as unknown as Uint8Array]],
])('a delivery in which the provider %s is stored as it came', async (_what, split) => {
  const { webhooks, id, stored } = await worldOfBatches(null, split)
  expect(await webhooks.receive(id, shopDelivery(`[${o1}]`))).toMatchObject({
    status: 'accepted',
    events: [{ isNew: true }],
  })
  expect((await stored()).map(({ rawBody }) => text(rawBody))).toEqual([`[${o1}]`])
})

test('a forged delivery is never taken apart', async () => {
  let isAsked = false
  const { webhooks, id, stored } = await worldOfBatches(null, () => {
    isAsked = true
    return []
  })
  const result = await webhooks.receive(id, shopDelivery(`[${o1},${o2}]`, { secret: 'guess' }))
  expect(result).toMatchObject({ status: 'rejected' })
  expect(isAsked).toBe(false)
  expect(await stored()).toMatchObject([{ status: 'rejected' }])
})

test('where the store fails in the middle, the sender comes again and the rest is stored', async () => {
  const repositories = memoryRepositories<string>()
  let left = 1
  const { webhooks, id, stored } = await worldOfBatches(null, undefined, {
    ...repositories,
    webhookEvents: {
      ...repositories.webhookEvents,
      insertIfAbsent: (event) => {
        left -= 1
        return left < 0
          ? Promise.reject(new ConnectorsError('STORE_UNAVAILABLE', 'gone'))
          : repositories.webhookEvents.insertIfAbsent(event)
      },
    },
  })
  const again = () => webhooks.receive(id, shopDelivery(`[${o1},${o2}]`))
  await expect(again()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  left = 2
  expect(await again()).toMatchObject({ status: 'accepted', events: [{ isNew: false }, { isNew: true }] })
  expect(await stored()).toHaveLength(2)
})

test('the events of a delivery arrive in its order, also where another of the same body gets in between', async () => {
  const memory = memoryRepositories<string>()
  /** Happens before the second event is stored. */
  let meanwhile = async () => {}
  let count = 0
  const { webhooks, id, stored } = await worldOfBatches({ body: 'id' }, undefined, {
    ...memory,
    webhookEvents: {
      ...memory.webhookEvents,
      insertIfAbsent: async (event) => {
        count += 1
        if (count === 2) await meanwhile()
        return memory.webhookEvents.insertIfAbsent(event)
      },
    },
  })
  const o3 = '{"id":3,"type":"order.created","orderId":"o3"}'
  // Its sender has given up after the second one.
  meanwhile = async () => void (await webhooks.receive(id, shopDelivery(`[${o1},${o2}]`)))
  await webhooks.receive(id, shopDelivery(`[${o1},${o2},${o3}]`))
  expect((await stored()).map(({ payload }) => (payload as { orderId: string }).orderId)).toEqual(['o1', 'o2', 'o3'])
})

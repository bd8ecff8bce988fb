import { describe, expect, test } from 'vitest'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

const created = (orderId: string, amount = '0') => JSON.stringify({ type: 'order.created', orderId, amount })
const paid = (orderId: string, amount: string) => JSON.stringify({ type: 'order.paid', orderId, amount })

describe.each(testStores)('on $name', ({ open }) => {
  async function worldInOrder(webhooks: object = { keepOrder: true }) {
    const store = await open()
    const world = await createShopWorldOver(store.repositories, { webhooks })
    const { id } = await world.connect('acme')
    const acme = world.connectors.forTenant('acme').webhooks
    const deliver = async (...bodies: readonly string[]) => {
      const ids: string[] = []
      for (const body of bodies) {
        const result = await acme.receive(id, shopDelivery(body))
        if (result.status !== 'accepted') throw new Error(result.status)
        ids.push(result.event.id)
        await world.clock.advance(1)
      }
      return ids
    }
    return { ...world, store, id, acme, deliver }
  }

  test('deliveries about one thing are handled one after the other, as they arrived, those about others beside them', async () => {
    const { connectors, acme, deliver } = await worldInOrder({ keepOrder: true, concurrency: 8 })
    const handled: string[] = []
    const running = new Set<string>()
    let tellBoth = () => {}
    const bothAreIn = new Promise<void>((resolve) => {
      tellBoth = resolve
    })
    connectors.webhooks.handle('order.*', {
      prepare: async ({ event }) => {
        expect(running.has(event.orderId), 'two of one order at once').toBe(false)
        running.add(event.orderId)
        if (running.size === 2) tellBoth()
        // Those about different things are under way together, or this never ends.
        await bothAreIn
        return async () => {
          running.delete(event.orderId)
          handled.push(`${event.orderId} ${event.type === 'order.paid' ? event.amount : 'new'}`)
        }
      },
    })
    await deliver(created('o1'), paid('o1', '1'), created('o2'), paid('o1', '2'), paid('o2', '1'))
    expect(await acme.processDue()).toHaveLength(5)
    const of = (orderId: string) => handled.filter((entry) => entry.startsWith(orderId))
    expect(of('o1')).toEqual(['o1 new', 'o1 1', 'o1 2'])
    expect(of('o2')).toEqual(['o2 new', 'o2 1'])
  })

  test('one whose turn it is not can not be processed by hand either', async () => {
    const { connectors, acme, deliver } = await worldInOrder()
    connectors.webhooks.handle('order.*', async () => {})
    const [first = '', second = ''] = await deliver(created('o1'), paid('o1', '1'))
    expect(await acme.process(second)).toEqual({ status: 'skipped', eventId: second })
    expect(await acme.process(first)).toMatchObject({ status: 'processed' })
    expect(await acme.process(second)).toMatchObject({ status: 'processed' })
  })

  test('a delivery that fails holds up those about the same thing until it succeeds or is dead, and no others', async () => {
    const { connectors, acme, deliver, clock } = await worldInOrder()
    const handled: string[] = []
    connectors.webhooks.handle('order.*', async ({ event }) => {
      if (event.orderId === 'o1' && event.type === 'order.created') throw new Error('never')
      handled.push(`${event.orderId} ${event.type}`)
    })
    const [head = '', next = ''] = await deliver(created('o1'), paid('o1', '1'), created('o2'))
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      expect(await acme.get(next)).toMatchObject({ status: 'received' })
      await acme.processDue()
      await clock.advance(30 * 3_600_000)
    }
    expect(await acme.get(head)).toMatchObject({ status: 'dead', attempts: 9 })
    await acme.processDue()
    expect(handled).toEqual(['o2 order.created', 'o1 order.paid'])
  })

  test('what nobody here handles holds up nothing', async () => {
    const { connectors, acme, deliver } = await worldInOrder()
    connectors.webhooks.handle('order.paid', async () => {})
    const [unhandled = '', waiting = ''] = await deliver(created('o1'), paid('o1', '1'))
    expect(await acme.process(unhandled)).toMatchObject({ status: 'unhandled' })
    expect(await acme.process(waiting)).toMatchObject({ status: 'processed' })
  })

  test('without the option deliveries are handled as they come', async () => {
    const { connectors, acme, deliver } = await worldInOrder({})
    connectors.webhooks.handle('order.*', async () => {})
    const [first = '', second = ''] = await deliver(created('o1'), paid('o1', '1'))
    expect(await acme.process(second)).toMatchObject({ status: 'processed' })
    expect(await acme.get(first)).toMatchObject({ orderKey: null })
  })
})

test('things of two connections have nothing to do with each other, and a key tells nothing about them', async () => {
  const [memory] = testStores
  if (memory === undefined) throw new Error('there is no store')
  const { repositories } = await memory.open()
  const { connectors, connect } = await createShopWorldOver(repositories, { webhooks: { keepOrder: true } })
  const keys = []
  for (const tenantId of ['acme', 'acme', 'globex']) {
    const { id } = await connect(tenantId, { test: false })
    const result = await connectors.operator.webhooks.receive(id, shopDelivery(created('order-4711')))
    keys.push('event' in result ? result.event.orderKey : null)
  }
  expect(new Set(keys).size).toBe(3)
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/)
})

test.each<[string, () => string | null]>([
  ['answers null', () => null],
  ['answers an empty text', () => ''],
  [
    'throws',
    () => {
      throw new Error('not today')
    },
  ],
])('a delivery for which the provider %s waits for nobody', async (_what, orderKey) => {
  const [memory] = testStores
  if (memory === undefined || shop.webhooks === null) throw new Error('there is no store, or no webhooks')
  const { repositories } = await memory.open()
  const { connectors, connect } = await createShopWorldOver(repositories, {
    webhooks: { keepOrder: true },
    providers: [{ ...shop, webhooks: { ...shop.webhooks, orderKey } }],
  })
  const { id } = await connect('acme', { test: false })
  const result = await connectors.operator.webhooks.receive(id, shopDelivery(created('o1')))
  expect(result).toMatchObject({ status: 'accepted', event: { orderKey: null } })
})

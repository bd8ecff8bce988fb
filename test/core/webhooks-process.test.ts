import { describe, expect, test } from 'vitest'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'
import { type Unreliability, unreliableStore } from '../support/unreliable-store.ts'

const created = (orderId: string) => JSON.stringify({ type: 'order.created', orderId })

describe.each(testStores)('on $name', ({ open }) => {
  async function worldWithConnection(unreliability: Unreliability = {}) {
    const store = await open()
    const repositories = unreliableStore(store.repositories, unreliability)
    const world = await createShopWorldOver(repositories)
    const { id } = await world.connect('acme')
    const { webhooks } = world.connectors.forTenant('acme')
    const receive = async (body: string) => {
      const result = await webhooks.receive(id, shopDelivery(body))
      if (result.status !== 'accepted') throw new Error(result.status)
      return result.event.id
    }
    return { ...world, store, repositories, id, webhooks, receive, handle: world.connectors.webhooks.handle }
  }

  test('sixteen calls at once process a delivery exactly once', async () => {
    const { webhooks, receive, handle, store, eventsOf, clock } = await worldWithConnection()
    handle('order.created', async ({ event, delivery, connection, attempt, tx }) => {
      await store.write(tx, `${event.orderId} ${delivery.status} ${connection.tenantId} ${attempt}`)
    })
    const eventId = await receive(created('o1'))
    const results = await Promise.all(Array.from({ length: 16 }, () => webhooks.process(eventId)))
    expect(results.filter(({ status }) => status === 'processed')).toHaveLength(1)
    expect(results.filter(({ status }) => status === 'skipped')).toHaveLength(15)
    expect(await store.keys()).toEqual(['o1 processing acme 1'])
    expect(await webhooks.get(eventId)).toMatchObject({ status: 'processed', attempts: 1, processedAt: clock.now() })
    expect(eventsOf('webhook.processed')).toMatchObject([
      { event: { id: eventId, status: 'processed' }, parsed: { type: 'order.created', orderId: 'o1' } },
    ])
  })

  test('a processed delivery stays so: not processed again, and a repetition does not touch it', async () => {
    const { webhooks, id, receive, handle } = await worldWithConnection()
    let calls = 0
    handle('order.created', async () => {
      calls += 1
    })
    const eventId = await receive(created('o1'))
    await webhooks.process(eventId)
    expect(await webhooks.process(eventId)).toMatchObject({ status: 'skipped' })
    expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'duplicate' })
    expect(await webhooks.processDue()).toEqual([])
    expect(await webhooks.get(eventId)).toMatchObject({ status: 'processed', deliveries: 2 })
    expect(calls).toBe(1)
  })

  test('all handlers of a delivery run in order and in one transaction: all or none', async () => {
    const { webhooks, receive, handle, store, clock } = await worldWithConnection()
    const order: string[] = []
    let isBroken = true
    handle('order.created', async ({ tx }) => {
      order.push('first')
      await store.write(tx, 'first')
    })
    handle('order.*', {
      prepare: async ({ event }) => {
        order.push(`prepare ${event.type}`)
        return async ({ tx }) => {
          order.push('second')
          await store.write(tx, 'second')
        }
      },
    })
    handle('*', async ({ tx }) => {
      order.push('third')
      await store.write(tx, 'third')
      if (isBroken) throw new Error('not today')
    })
    const eventId = await receive(created('o1'))
    const failed = await webhooks.process(eventId)
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('not today') })
    expect(order).toEqual(['prepare order.created', 'first', 'second', 'third'])
    expect(await store.keys()).toEqual([])
    isBroken = false
    await clock.advance(10_000)
    expect(await webhooks.processDue()).toMatchObject([{ status: 'processed' }])
    expect(await store.keys()).toEqual(['first', 'second', 'third'])
  })

  test('a claim that expired is taken over, and the stale handler leaves nothing behind', async () => {
    const { webhooks, receive, handle, store, repositories, connectors, eventsOf } = await worldWithConnection()
    const other = await createShopWorldOver(repositories)
    let arrive = () => {}
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve
    })
    let goOn = () => {}
    const opened = new Promise<void>((resolve) => {
      goOn = resolve
    })
    handle('order.created', {
      prepare: async () => {
        arrive()
        await opened
        return async ({ tx }) => store.write(tx, 'stale')
      },
    })
    other.connectors.webhooks.handle('order.created', async ({ tx }) => store.write(tx, 'taken over'))
    const eventId = await receive(created('o1'))
    const stale = webhooks.process(eventId)
    await arrived
    // 120 s of claim and 10 s of skew.
    await other.clock.advance(130_000)
    expect(await other.connectors.operator.webhooks.processDue()).toEqual([])
    expect(await other.connectors.operator.webhooks.process(eventId)).toMatchObject({ status: 'skipped' })
    await other.clock.advance(1)
    expect(await other.connectors.operator.webhooks.processDue()).toMatchObject([{ status: 'failed' }])
    await other.clock.advance(6_000)
    expect(await other.connectors.operator.webhooks.processDue()).toMatchObject([{ status: 'processed' }])
    goOn()
    expect(await stale).toMatchObject({ status: 'skipped' })
    expect(await store.keys()).toEqual(['taken over'])
    expect(eventsOf('webhook.processed')).toEqual([])
    expect(await connectors.operator.webhooks.get(eventId)).toMatchObject({ status: 'processed', attempts: 2 })
  })

  test('a delivery whose COMMIT was not answered is processed, once', async () => {
    let isLost = false
    const { webhooks, receive, handle, store, eventsOf } = await worldWithConnection({ losesAnswer: () => isLost })
    handle('order.created', async ({ event, tx }) => store.write(tx, event.orderId))
    const eventId = await receive(created('o1'))
    isLost = true
    expect(await webhooks.process(eventId)).toMatchObject({ status: 'processed', event: { status: 'processed' } })
    expect(await webhooks.get(eventId)).toMatchObject({ status: 'processed', attempts: 1, error: null })
    expect(eventsOf('webhook.processed')).toHaveLength(1)
    expect(eventsOf('webhook.failed')).toEqual([])
    expect(await store.keys()).toEqual(['o1'])
  })

  test('work that the store runs again has its effects and events once', async () => {
    const { webhooks, receive, handle, store, eventsOf } = await worldWithConnection({ runsAgain: () => true })
    let calls = 0
    handle('order.created', async ({ event, tx }) => {
      calls += 1
      await store.write(tx, event.orderId)
    })
    expect(await webhooks.process(await receive(created('o1')))).toMatchObject({ status: 'processed' })
    expect(calls).toBe(2)
    expect(await store.keys()).toEqual(['o1'])
    expect(eventsOf('webhook.processed')).toHaveLength(1)
  })

  test('prepare may call the facade, and the provider through an adapter', async () => {
    const { webhooks, receive, handle, connectors, server, store } = await worldWithConnection()
    server.orders.push({ id: 'o1', total: '9.99' })
    handle('order.created', {
      prepare: async ({ event, connection }) => {
        const { connections } = connectors.forTenant(connection.tenantId)
        const adapter = await connections.adapter(connection.id, connectors.providers.get('testshop'))
        const order = await adapter.getOrder(event.orderId)
        return async ({ tx }) => store.write(tx, `${order.id} ${order.total} ${order.currency}`)
      },
    })
    expect(await webhooks.process(await receive(created('o1')))).toMatchObject({ status: 'processed' })
    expect(await store.keys()).toEqual(['o1 9.99 EUR'])
  })
})

test.each([undefined, null, '', {}, { not: '' }])("the id %j of a delivery is nobody's", async (eventId) => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const { webhooks } = connectors.forTenant('acme')
  await webhooks.receive(id, shopDelivery('{"type":"order.created","orderId":"1"}'))
  await expect(webhooks.get(eventId as string)).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
  await expect(webhooks.process(eventId as string)).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
})

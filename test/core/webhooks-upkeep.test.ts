import { describe, expect, test } from 'vitest'
import { createShopWorld, createShopWorldOver, type ShopWorld, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

const created = (orderId: string) => JSON.stringify({ type: 'order.created', orderId })
const dayMs = 24 * 3_600_000

async function storedIn(world: ShopWorld<string, unknown>, options: { readonly isBroken?: boolean } = {}) {
  const { id } = await world.connect('acme')
  const acme = world.connectors.forTenant('acme')
  const { webhooks } = acme
  const state = { isBroken: options.isBroken ?? false }
  const handled: string[] = []
  world.connectors.webhooks.handle('order.created', async ({ event }) => {
    if (state.isBroken) throw new Error('the handler is broken')
    handled.push(event.orderId)
  })
  const deliver = async (body: string) => {
    const result = await webhooks.receive(id, shopDelivery(body))
    if (result.status !== 'accepted') throw new Error(result.status)
    return result.event.id
  }
  const kill = async (eventId: string) => {
    for (;;) {
      if ((await webhooks.process(eventId)).status === 'dead') return
      await world.clock.advance(1)
    }
  }
  return { ...world, id, acme, webhooks, state, handled, deliver, kill }
}

describe.each(testStores)('on $name', ({ open }) => {
  const world = async (options = {}) => {
    const { repositories } = await open()
    return storedIn(await createShopWorldOver(repositories), options)
  }

  test('a dead delivery is replayed with all its retries', async () => {
    const { webhooks, deliver, kill, state, handled, clock } = await world({ isBroken: true })
    const id = await deliver(created('o1'))
    await kill(id)
    expect(await webhooks.get(id)).toMatchObject({ status: 'dead', attempts: 9, failureCount: 8, errorKind: 'handler' })
    expect(await webhooks.replay(id)).toMatchObject({ status: 'received', attempts: 9, failureCount: 0, error: null })
    // Still broken: it is not dead at once.
    expect(await webhooks.processDue()).toMatchObject([{ status: 'failed' }])
    state.isBroken = false
    await clock.advance(10_000)
    expect(await webhooks.processDue()).toMatchObject([{ status: 'processed' }])
    expect(handled).toEqual(['o1'])
    expect(await webhooks.get(id)).toMatchObject({ status: 'processed', attempts: 11, error: null, errorKind: null })
  })

  test('a processed delivery can be processed anew, if that is wanted', async () => {
    const { webhooks, deliver, handled } = await world()
    const id = await deliver(created('o1'))
    await webhooks.processDue()
    await webhooks.replay(id)
    await webhooks.processDue()
    expect(handled).toEqual(['o1', 'o1'])
  })

  test('all dead ones are replayed by a filter, and nothing else', async () => {
    const { webhooks, connectors, deliver, kill, state, handled } = await world({ isBroken: true })
    for (const orderId of ['o1', 'o2', 'o3']) await kill(await deliver(created(orderId)))
    state.isBroken = false
    await deliver(created('o4'))
    await webhooks.processDue()
    expect(await webhooks.replay({ eventType: 'order.paid' })).toEqual({ replayedCount: 0, skippedCount: 0 })
    expect(await connectors.forTenant('globex').webhooks.replay({})).toEqual({ replayedCount: 0, skippedCount: 0 })
    expect(await webhooks.replay({ eventType: 'order.created' })).toEqual({ replayedCount: 3, skippedCount: 0 })
    await webhooks.processDue()
    expect(handled).toEqual(['o4', 'o1', 'o2', 'o3'])
    expect(await connectors.operator.webhooks.replay({ status: 'processed' })).toMatchObject({ replayedCount: 4 })
  })

  test('a delivery that waits can be skipped, and is told as dead', async () => {
    const { webhooks, deliver, state, handled, eventsOf } = await world({ isBroken: true })
    const id = await deliver(created('o1'))
    await webhooks.process(id)
    state.isBroken = false
    expect(await webhooks.skip(id, { reason: 'a test order' })).toMatchObject({
      status: 'dead',
      error: 'a test order',
      errorKind: 'skipped',
    })
    expect(eventsOf('webhook.dead')).toMatchObject([{ error: 'a test order', event: { id, status: 'dead' } }])
    expect(await webhooks.processDue()).toEqual([])
    expect(await webhooks.skip(id)).toMatchObject({ status: 'dead', error: 'a test order' })
    expect(handled).toEqual([])
  })

  test('bodies are removed after 30 days, and the rest when it was known for 400', async () => {
    const { webhooks, connectors, deliver, kill, state, clock, id: connectionId } = await world({ isBroken: true })
    const dead = await deliver(created('o1'))
    await kill(dead)
    const waiting = await deliver(JSON.stringify({ type: 'order.paid', orderId: 'o1' }))
    await webhooks.receive(connectionId, shopDelivery(created('o2'), { secret: 'guess' }))
    state.isBroken = false
    const processed = await deliver(created('o3'))
    await webhooks.processDue()
    const { prune } = connectors.operator.webhooks

    await clock.advance(30 * dayMs - 1_000)
    expect(await prune()).toEqual({ purgedCount: 0, removedCount: 0 })
    await clock.advance(2_000)
    expect(await prune()).toEqual({ purgedCount: 2, removedCount: 1 })
    for (const id of [dead, processed]) {
      const row = await webhooks.get(id)
      expect(row).toMatchObject({ payload: {}, headers: {}, purgedAt: clock.now() })
      expect(row.rawBody).toHaveLength(0)
      await expect(webhooks.process(id)).rejects.toMatchObject({ code: 'BODY_PURGED' })
      await expect(webhooks.replay(id)).rejects.toMatchObject({ code: 'BODY_PURGED' })
    }
    expect(await webhooks.replay({})).toEqual({ replayedCount: 0, skippedCount: 1 })
    expect(await webhooks.receive(connectionId, shopDelivery(created('o3')))).toMatchObject({ status: 'duplicate' })

    await clock.advance(370 * dayMs - 1)
    expect(await prune()).toEqual({ purgedCount: 0, removedCount: 0 })
    await clock.advance(2)
    expect(await prune()).toEqual({ purgedCount: 0, removedCount: 2 })
    expect((await webhooks.list().all()).map(({ id }) => id)).toEqual([waiting])
    expect(await webhooks.get(waiting)).toMatchObject({ payload: { orderId: 'o1' } })
  })
})

async function memoryWorld(
  options: Parameters<typeof createShopWorld>[0] = {},
  more: { readonly isBroken?: boolean } = {},
) {
  return storedIn(await createShopWorld(options), more)
}

test('what waits is not replayed, what is processed or rejected not skipped', async () => {
  const { webhooks, deliver, id: connectionId } = await memoryWorld()
  const waiting = await deliver(created('o1'))
  expect(await webhooks.replay(waiting)).toMatchObject({ status: 'received', attempts: 0 })
  await webhooks.processDue()
  await expect(webhooks.skip(waiting)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await webhooks.receive(connectionId, shopDelivery(created('o2'), { secret: 'guess' }))
  const [rejected] = await webhooks.list({ status: 'rejected' }).all()
  expect(rejected).toMatchObject({ errorKind: 'signature' })
  for (const verb of [webhooks.replay, webhooks.skip]) {
    await expect(verb(rejected?.id ?? '')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(verb('nothing')).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
  }
})

test('what is being processed can be neither replayed nor skipped', async () => {
  const { connectors, webhooks, deliver } = await memoryWorld()
  const id = await deliver(created('o1'))
  const seen: unknown[] = []
  connectors.webhooks.handle('order.created', {
    prepare: async () => {
      seen.push((await webhooks.replay(id)).status)
      await webhooks.skip(id).catch((error: { readonly code: string }) => seen.push(error.code))
      return async () => {}
    },
  })
  expect(await webhooks.process(id)).toMatchObject({ status: 'processed' })
  expect(seen).toEqual(['processing', 'CONFLICT'])
})

test.each([
  { status: 'rejected' },
  { status: 'received' },
  { status: 'nothing' },
  { state: 'dead' },
  { eventType: 7 },
  null,
  ['dead'],
])('a replay of %j is refused', async (filter) => {
  const { webhooks } = await memoryWorld()
  await expect(webhooks.replay(filter as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test.each([
  { bodiesOlderThanMs: -1 },
  { keysOlderThanMs: Number.NaN },
  { bodiesOlderThanMs: 5, keysOlderThanMs: 4 },
  { keysOlderThanMs: 1 },
  { olderThanMs: 1 },
])('a prune of %j is refused', async (options) => {
  const { connectors } = await memoryWorld()
  await expect(connectors.operator.webhooks.prune(options)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

describe('deliveries of a disabled connection', () => {
  test('are accepted and processed, unless the option says otherwise', async () => {
    const { acme, id, deliver, webhooks, handled } = await memoryWorld()
    await acme.connections.disable(id)
    await deliver(created('o1'))
    expect(await webhooks.processDue()).toMatchObject([{ status: 'processed' }])
    expect(handled).toEqual(['o1'])
  })

  test('are accepted and held until it is enabled; that is never held against them', async () => {
    const { acme, id, deliver, webhooks, handled, clock, eventsOf } = await memoryWorld({
      webhooks: { whileDisabled: 'hold' },
    })
    await acme.connections.disable(id)
    const eventId = await deliver(created('o1'))
    for (let look = 1; look <= 20; look += 1) {
      const retryAt = new Date(clock.now().getTime() + 300_000)
      expect(await webhooks.processDue()).toEqual([{ status: 'held', eventId, retryAt }])
      expect(await webhooks.processDue()).toEqual([])
      await clock.advance(300_000)
    }
    expect(await webhooks.get(eventId)).toMatchObject({ status: 'failed', errorKind: 'disabled', failureCount: 0 })
    expect(eventsOf('webhook.failed')).toEqual([])
    await acme.connections.enable(id)
    expect(await webhooks.processDue()).toMatchObject([{ status: 'processed' }])
    expect(handled).toEqual(['o1'])
  })
})

describe('the kind of an error', () => {
  const kindOf = async (
    handle: (world: Awaited<ReturnType<typeof memoryWorld>>) => void,
    body = '{"type":"order.paid","orderId":"o1"}',
  ) => {
    const world = await memoryWorld({ transaction: { timeoutMs: 50 } })
    handle(world)
    const id = await world.deliver(body)
    const result = await world.webhooks.process(id)
    expect(result.status).toBe('failed')
    return (await world.webhooks.get(id)).errorKind
  }

  test('tells handlers, slow ones, the provider and unreadable bodies apart', async () => {
    expect(
      await kindOf(
        ({ connectors }) => void connectors.webhooks.handle('order.paid', () => Promise.reject(new Error())),
      ),
    ).toBe('handler')
    expect(
      await kindOf(({ connectors }) => void connectors.webhooks.handle('order.paid', () => new Promise(() => {}))),
    ).toBe('timeout')
    expect(
      await kindOf(({ connectors, acme, id, server }) => {
        server.tokens.clear()
        connectors.webhooks.handle('order.paid', {
          prepare: async () => {
            const adapter = await acme.connections.adapter(id, connectors.providers.get('testshop'))
            await adapter.getOrder('o1')
            return async () => {}
          },
        })
      }),
    ).toBe('provider')
    const unreadable = '{"type":"order.paid"}'
    expect(
      await kindOf(({ connectors }) => void connectors.webhooks.handle('order.paid', async () => {}), unreadable),
    ).toBe('unreadable')
  })

  test('tells a connection that was deleted', async () => {
    const { acme, id, deliver, webhooks } = await memoryWorld()
    const eventId = await deliver(created('o1'))
    await acme.connections.delete(id)
    expect(await webhooks.process(eventId)).toMatchObject({ status: 'dead' })
    expect(await webhooks.get(eventId)).toMatchObject({ errorKind: 'deleted' })
  })
})

test('a skipped delivery lets go of those behind it', async () => {
  const { connectors, deliver, webhooks, handled } = await memoryWorld(
    { webhooks: { keepOrder: true } },
    { isBroken: true },
  )
  connectors.webhooks.handle('order.paid', async ({ event }) => void handled.push(`paid ${event.orderId}`))
  const head = await deliver(created('o1'))
  await webhooks.process(head)
  await deliver(JSON.stringify({ type: 'order.paid', orderId: 'o1' }))
  expect(await webhooks.processDue()).toEqual([])
  await webhooks.skip(head)
  expect(await webhooks.processDue()).toMatchObject([{ status: 'processed' }])
  expect(handled).toEqual(['paid o1'])
})

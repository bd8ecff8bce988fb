import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { webhookRetryDelaysMs } from '../../src/core/domain/backoff.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import { type createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'

const created = (orderId: string) => JSON.stringify({ type: 'order.created', orderId })

async function worldWithConnection(
  repositories = memoryRepositories<string>(),
  options: Parameters<typeof createShopWorld>[0] = {},
) {
  const world = await createShopWorldOver(repositories, options)
  const { id } = await world.connect('acme')
  const acme = world.connectors.forTenant('acme')
  const receive = async (body: string) => {
    const result = await acme.webhooks.receive(id, shopDelivery(body))
    if (result.status !== 'accepted') throw new Error(result.status)
    return result.event.id
  }
  return { ...world, id, acme, webhooks: acme.webhooks, receive, handle: world.connectors.webhooks.handle }
}

test('a failed delivery is tried again further and further apart, then dead; it can still be processed by hand', async () => {
  const { webhooks, receive, handle, clock, eventsOf } = await worldWithConnection()
  let isBroken = true
  handle('order.created', async () => {
    if (isBroken) throw new Error('not yet')
  })
  const eventId = await receive(created('o1'))
  for (const [index, delayMs] of webhookRetryDelaysMs.entries()) {
    const result = await webhooks.process(eventId)
    if (result.status !== 'failed') throw new Error(result.status)
    const waitMs = Number(result.retryAt) - Number(clock.now())
    expect(waitMs / delayMs).toBeGreaterThanOrEqual(0.8)
    expect(waitMs / delayMs).toBeLessThanOrEqual(1.2)
    const stored = await webhooks.get(eventId)
    expect(stored).toMatchObject({ status: 'failed', attempts: index + 1, availableAt: result.retryAt })
    // What listeners are told is what is stored, and when it is tried again.
    expect(eventsOf('webhook.failed').at(-1)).toMatchObject({ event: stored, retryAt: result.retryAt })
    await clock.advance(waitMs - 1)
    expect(await webhooks.processDue()).toEqual([])
    await clock.advance(1)
  }
  expect(await webhooks.processDue()).toMatchObject([{ status: 'dead', error: expect.stringContaining('not yet') }])
  const dead = await webhooks.get(eventId)
  expect(dead).toMatchObject({ status: 'dead', availableAt: null, attempts: webhookRetryDelaysMs.length + 1 })
  expect(eventsOf('webhook.dead')).toMatchObject([{ event: dead, error: expect.stringContaining('not yet') }])
  await clock.advance(365 * 24 * 3_600_000)
  expect(await webhooks.processDue()).toEqual([])
  isBroken = false
  expect(await webhooks.process(eventId)).toMatchObject({ status: 'processed' })
})

test('a handler may throw anything', async () => {
  const { webhooks, receive, handle } = await worldWithConnection()
  const thrown: unknown[] = [undefined, null, 'no', Object.create(null), new Error(`\0${'x'.repeat(10_000)}`)]
  handle('order.created', () => Promise.reject(thrown[0]))
  const eventId = await receive(created('o1'))
  while (thrown.length > 0) {
    expect(await webhooks.process(eventId)).toMatchObject({ status: 'failed' })
    const { error } = await webhooks.get(eventId)
    expect(error?.length).toBeLessThanOrEqual(2_000)
    expect(error).not.toContain('\0')
    thrown.shift()
  }
})

test('a delivery of a type that nobody handles is kept as unhandled, and due as soon as somebody does', async () => {
  const { webhooks, receive, handle, eventsOf } = await worldWithConnection()
  const eventId = await receive(created('o1'))
  expect(await webhooks.process(eventId)).toEqual({ status: 'unhandled', eventId })
  expect(await webhooks.get(eventId)).toMatchObject({ status: 'unhandled', attempts: 0, processedAt: null })
  expect(await webhooks.processDue()).toEqual([])
  handle('order.paid', async () => {})
  expect(await webhooks.processDue()).toEqual([])
  expect(eventsOf('webhook.processed')).toEqual([])
  handle('order.created', async () => {})
  expect(await webhooks.processDue()).toMatchObject([{ status: 'processed', eventId }])
})

test('a process without handlers leaves deliveries to the process that has them', async () => {
  const repositories = memoryRepositories<string>()
  const web = await createShopWorldOver(repositories)
  const worker = await createShopWorldOver(repositories)
  const { id } = await web.connect('acme')
  const handled: string[] = []
  worker.connectors.webhooks.handle('order.*', async ({ event }) => void handled.push(event.orderId))
  const { headers, body } = shopDelivery(created('o1'))
  const request = new Request(`https://app.test/webhooks/${id}`, { method: 'POST', headers, body })
  expect((await web.connectors.handler(request)).status).toBe(200)
  await web.connectors.close()
  expect(await worker.connectors.operator.webhooks.processDue()).toMatchObject([{ status: 'processed' }])
  expect(handled).toEqual(['o1'])
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'a limit of %s due deliveries is refused',
  async (limit) => {
    const { webhooks } = await worldWithConnection()
    await expect(webhooks.processDue({ limit })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  },
)

test('a store that is away is never held against a delivery', async () => {
  let isAway = false
  const repositories = memoryRepositories<string>()
  const { connectors, connect, clock, eventsOf } = await createShopWorldOver({
    ...repositories,
    transaction: async (work, limits) => {
      if (isAway) throw new ConnectorsError('STORE_UNAVAILABLE', 'gone')
      return repositories.transaction(work, limits)
    },
  })
  const { id } = await connect('acme')
  const { webhooks } = connectors.forTenant('acme')
  connectors.webhooks.handle('order.created', async () => {})
  const received = await webhooks.receive(id, shopDelivery(created('o1')))
  if (received.status !== 'accepted') throw new Error(received.status)
  isAway = true
  for (let attempt = 1; attempt <= 12; attempt += 1) {
    expect(await webhooks.process(received.event.id)).toMatchObject({ status: 'failed' })
    await clock.advance(30 * 60 * 60 * 1_000)
  }
  isAway = false
  expect(await webhooks.process(received.event.id)).toMatchObject({ status: 'processed' })
  expect(eventsOf('webhook.dead')).toEqual([])
})

test('patterns choose by the whole type, by its group, or everything', async () => {
  const { webhooks, receive, handle } = await worldWithConnection()
  const calls: string[] = []
  for (const pattern of ['order.created', 'order.paid', 'order.*', 'ord.*', 'order.created.*', '*']) {
    // Two of them match no event of the shop, so that its types don't allow them.
    handle(pattern as 'order.*', async () => void calls.push(pattern))
  }
  await webhooks.process(await receive(created('o1')))
  expect(calls).toEqual(['order.created', 'order.*', '*'])
  calls.length = 0
  await webhooks.process(await receive(JSON.stringify({ type: 'order.paid', orderId: 'o1' })))
  expect(calls).toEqual(['order.paid', 'order.*', '*'])
})

test.each(['', ' ', '**', 'order*', '*.created', 'order.*.x', 'a b', 'order.created\n', null, 7])(
  'the pattern %j is refused',
  async (pattern) => {
    const { handle } = await worldWithConnection()
    // @ts-expect-error not a pattern
    expect(() => handle(pattern, async () => {})).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  },
)

test('what is no handler is refused', async () => {
  const { handle } = await worldWithConnection()
  for (const handler of [undefined, null, 'x', {}, { prepare: 'x' }]) {
    // @ts-expect-error not a handler
    expect(() => handle('order.created', handler)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  }
})

test('a handler that was taken back is not called any more, one that was added twice is called twice', async () => {
  const { webhooks, receive, handle } = await worldWithConnection()
  let calls = 0
  const handler = async () => {
    calls += 1
  }
  const remove = handle('order.created', handler)
  handle('order.created', handler)
  await webhooks.process(await receive(created('o1')))
  expect(calls).toBe(2)
  remove()
  remove()
  await webhooks.process(await receive(created('o2')))
  expect(calls).toBe(3)
})

test('a handler that is taken back while a delivery is on its way is still called for it', async () => {
  const repositories = memoryRepositories<string>()
  let remove = () => {}
  const { webhooks, receive, handle } = await worldWithConnection({
    ...repositories,
    connections: {
      ...repositories.connections,
      find: (query) => {
        remove()
        return repositories.connections.find(query)
      },
    },
  })
  const eventId = await receive(created('o1'))
  let calls = 0
  remove = handle('order.created', async () => {
    calls += 1
  })
  expect(await webhooks.process(eventId)).toMatchObject({ status: 'processed' })
  expect(calls).toBe(1)
})

test('a delivery that the provider can not read fails, and is tried again', async () => {
  const { webhooks, receive, handle, eventsOf } = await worldWithConnection()
  handle('*', () => Promise.reject(new Error('must not run')))
  const eventId = await receive('{"type":"order.unheard"}')
  const result = await webhooks.process(eventId)
  expect(result.status).toBe('failed')
  expect(await webhooks.get(eventId)).toMatchObject({ status: 'failed', attempts: 1 })
  expect('error' in result && result.error).not.toContain('must not run')
  expect(eventsOf('webhook.failed')).toHaveLength(1)
})

test('what is due is processed longest-waiting first, at most as many as asked for', async () => {
  const { webhooks, receive, handle, clock } = await worldWithConnection()
  const order: string[] = []
  handle('order.created', async ({ event }) => void order.push(event.orderId))
  for (const orderId of ['o1', 'o2', 'o3']) {
    await receive(created(orderId))
    await clock.advance(1)
  }
  expect(await webhooks.processDue({ limit: 2 })).toHaveLength(2)
  expect(order).toEqual(['o1', 'o2'])
  expect(await webhooks.processDue()).toHaveLength(1)
  expect(await webhooks.processDue()).toEqual([])
})

test('what a crash left behind has failed once its claim has expired, and is tried again', async () => {
  const repositories = memoryRepositories<string>()
  const { webhooks, receive, handle, clock, eventsOf } = await worldWithConnection(repositories)
  handle('order.created', async () => {})
  const id = await receive(created('o1'))
  const ref = { tenantId: 'acme', id }
  await repositories.webhookEvents.claim(ref, {
    at: clock.now(),
    leaseMs: 120_000,
    handled: 'all',
  })
  await clock.advance(130_000)
  expect(await webhooks.processDue()).toEqual([])
  await clock.advance(1)
  expect(await webhooks.processDue()).toMatchObject([
    { status: 'failed', error: expect.stringContaining('claimLeaseMs') },
  ])
  const failed = await webhooks.get(id)
  expect(failed).toMatchObject({ status: 'failed', attempts: 1, failureCount: 1, errorKind: 'crashed' })
  expect(eventsOf('webhook.failed')).toMatchObject([{ event: failed }])
  await clock.advance(6_000)
  expect(await webhooks.processDue()).toMatchObject([{ status: 'processed', event: { attempts: 2 } }])
})

test('two processes that find what a crash left behind count it once; who is still at it is left alone', async () => {
  const repositories = memoryRepositories<string>()
  const { webhooks, receive, handle, clock, connectors } = await worldWithConnection(repositories)
  const other = await createShopWorldOver(repositories, { clock })
  handle('order.created', async () => {})
  other.connectors.webhooks.handle('order.created', async () => {})
  await other.connectors.ready()
  const id = await receive(created('o1'))
  const claim = () =>
    repositories.webhookEvents.claim({ tenantId: 'acme', id }, { at: clock.now(), leaseMs: 120_000, handled: 'all' })
  await claim()
  expect(await webhooks.process(id)).toEqual({ status: 'skipped', eventId: id })
  await clock.advance(130_001)
  const found = await Promise.all([webhooks.process(id), other.connectors.operator.webhooks.process(id)])
  expect(found.map(({ status }) => status).sort()).toEqual(['failed', 'skipped'])
  expect(await connectors.operator.webhooks.get(id)).toMatchObject({ failureCount: 1, attempts: 1 })
})

test('a crash counts also where the delivery waited for its turn in another process meanwhile', async () => {
  const repositories = memoryRepositories<string>()
  const { webhooks, receive, handle, clock } = await worldWithConnection(repositories, { webhooks: { concurrency: 1 } })
  let goOn = () => {}
  const opened = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const begun = new Promise<void>((resolve) =>
    handle('order.created', {
      prepare: async () => {
        resolve()
        await opened
        return async () => {}
      },
    }),
  )
  await receive(created('o1'))
  const id = await receive(created('o2'))
  const both = webhooks.processDue()
  await begun
  // Another process takes the second, and is never heard of again.
  const claim = { at: clock.now(), leaseMs: 120_000, handled: 'all' } as const
  expect(await repositories.webhookEvents.claim({ tenantId: 'acme', id }, claim)).toMatchObject({ attempts: 1 })
  await clock.advance(130_001)
  goOn()
  expect(await both).toMatchObject([{ status: 'processed' }, { status: 'skipped', eventId: id }])
  expect(await webhooks.processDue()).toMatchObject([{ status: 'failed', eventId: id }])
  expect(await webhooks.get(id)).toMatchObject({ attempts: 1, failureCount: 1, errorKind: 'crashed' })
})

test('what a crash left behind of a connection that was deleted is dead', async () => {
  const repositories = memoryRepositories<string>()
  const { webhooks, acme, id, receive, handle, clock } = await worldWithConnection(repositories)
  handle('order.created', async () => {})
  const eventId = await receive(created('o1'))
  const claim = { at: clock.now(), leaseMs: 120_000, handled: 'all' } as const
  await repositories.webhookEvents.claim({ tenantId: 'acme', id: eventId }, claim)
  await acme.connections.delete(id)
  await clock.advance(130_001)
  expect(await webhooks.processDue()).toMatchObject([{ status: 'dead' }])
  expect(await webhooks.get(eventId)).toMatchObject({ errorKind: 'deleted' })
})

test('deliveries of a connection that was deleted are dead, without any handler', async () => {
  const { webhooks, acme, id, receive, handle, eventsOf } = await worldWithConnection()
  let calls = 0
  handle('order.created', async () => {
    calls += 1
  })
  const eventId = await receive(created('o1'))
  await acme.connections.delete(id)
  expect(await webhooks.process(eventId)).toMatchObject({ status: 'dead', error: expect.stringContaining('deleted') })
  expect(await webhooks.get(eventId)).toMatchObject({ status: 'dead' })
  expect(eventsOf('webhook.dead')).toMatchObject([{ event: { id: eventId, status: 'dead' } }])
  expect(calls).toBe(0)
})

test('an unknown delivery is not found', async () => {
  const { webhooks } = await worldWithConnection()
  await expect(webhooks.process('nothing')).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
})

test('a claim that was lost while a handler prepared is refused before any code of the transaction runs', async () => {
  const repositories = memoryRepositories<string>()
  const { webhooks, receive, handle, clock } = await worldWithConnection(repositories)
  const id = await receive(created('o1'))
  let ranCount = 0
  handle('order.created', {
    prepare: async () => {
      const failure = { error: 'given up', errorKind: 'crashed' } as const
      await repositories.webhookEvents.deadLetter({ tenantId: 'acme', id }, { attempt: 1, at: clock.now(), ...failure })
      return async () => {
        ranCount += 1
      }
    },
  })
  expect(await webhooks.process(id)).toEqual({ status: 'skipped', eventId: id })
  expect(ranCount).toBe(0)
})

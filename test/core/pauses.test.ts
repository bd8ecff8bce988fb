import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

const ignore = () => {}
const minute = 60_000
const handlers = { 'shop.orders': async () => {} }

type World = Awaited<ReturnType<typeof createShopWorld>>

/** Answers every request with a status until it is taken back. */
function answering({ server }: Pick<World, 'server'>, status: number, headers: Record<string, string> = {}) {
  server.intercept = (_request, response) => {
    response.writeHead(status, headers).end('{"message":"later"}')
    return true
  }
}

/** Keeps requests until they are answered one by one. */
function holding({ server }: Pick<World, 'server'>) {
  const waiting: ((status: number) => void)[] = []
  server.intercept = (_request, response: ServerResponse) =>
    new Promise<boolean>((resolve) => {
      waiting.push((status) => {
        if (status !== 200) response.writeHead(status).end('{"message":"later"}')
        resolve(status !== 200)
      })
    })
  return {
    until: (count: number) => expect.poll(() => waiting.length).toBe(count),
    answer: (index: number, status: number) => waiting[index]?.(status),
  }
}

async function use<W extends World>(world: W, connectionId?: string) {
  const { id } = connectionId === undefined ? await world.connect('acme') : { id: connectionId }
  const tenant = world.connectors.forTenant('acme')
  return { ...world, id, tenant, adapter: await tenant.connections.adapter(id, shop) }
}

async function connected(options?: Parameters<typeof createShopWorld>[0]) {
  return use(await createShopWorld({ orderCount: 3, handlers, ...options }))
}

/** Two processes over one store, with clocks that show the same time, both talking to the shop of the first. */
async function twoProcesses(options: Parameters<typeof createShopWorldOver>[1] = {}) {
  const repositories = memoryRepositories<string>()
  const first = await createShopWorldOver(repositories, { orderCount: 3, handlers, ...options })
  const second = await createShopWorldOver(repositories, { handlers, ...options, clock: first.clock })
  const here = await use(first)
  return { repositories, here, there: await use(second, here.id), clock: first.clock, server: first.server }
}

async function failTimes(adapter: { ping(): Promise<unknown> }, count: number) {
  for (let call = 0; call < count; call += 1) await adapter.ping().catch(ignore)
}

describe('a provider that asks for a pause', () => {
  test.each([
    ['seconds', () => '120'],
    ['a date', (at: Date) => new Date(at.getTime() + 2 * minute).toUTCString()],
  ])('gets it, exactly as long as Retry-After in %s says, from every door', async (_form, retryAfter) => {
    const { tenant, adapter, id, clock, eventsOf, server } = await connected()
    const untilAt = new Date(clock.now().getTime() + 2 * minute)
    const headers = { 'retry-after': retryAfter(clock.now()), date: clock.now().toUTCString() }
    answering({ server }, 429, headers)
    await expect(adapter.ping()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 2 * minute })
    const view = await tenant.connections.get(id)
    expect(view).toMatchObject({ isOperational: false, pausedUntil: untilAt, pauseCount: 0, isEnabled: true })
    expect(view.pauseReason).toMatch(/429.*later/)
    expect(eventsOf('connection.paused')).toMatchObject([{ connectionId: id, untilAt, cause: 'rateLimited' }])

    const sent = server.requests.length
    await clock.advance(2 * minute - 1)
    await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL', retryAfterMs: 1 })
    expect(await tenant.sync.run(id, 'orders')).toMatchObject({ status: 'skipped', reason: 'paused' })
    expect(server.requests.length).toBe(sent)
    await clock.advance(1)
    server.intercept = null
    await expect(adapter.ping()).resolves.toEqual({ shop: 'test' })
    expect(eventsOf('connection.resumed')).toHaveLength(1)
    expect(await tenant.connections.get(id)).toMatchObject({
      isOperational: true,
      pausedUntil: null,
      pauseReason: null,
    })
  })

  test('for a time of no service gets it too, as an outage', async () => {
    const { tenant, adapter, id, clock, eventsOf, server } = await connected()
    answering({ server }, 503, { 'retry-after': '90' })
    await adapter.ping().catch(ignore)
    const untilAt = new Date(clock.now().getTime() + 90_000)
    expect(await tenant.connections.get(id)).toMatchObject({ pausedUntil: untilAt })
    expect(eventsOf('connection.paused')).toMatchObject([{ untilAt, cause: 'outage' }])
  })

  test('gets a day at most', async () => {
    const { tenant, adapter, id, clock, server } = await connected()
    answering({ server }, 429, { 'retry-after': '9999999' })
    await adapter.ping().catch(ignore)
    const day = new Date(clock.now().getTime() + 24 * 60 * minute)
    expect(await tenant.connections.get(id)).toMatchObject({ pausedUntil: day })
  })

  test('in a sync pauses the other syncs of the connection, and those of other processes', async () => {
    const { here, there, server, clock } = await twoProcesses()
    answering({ server }, 429, { 'retry-after': '60' })
    expect(await here.tenant.sync.run(here.id, 'orders')).toMatchObject({ status: 'failed', kind: 'rate-limited' })
    server.intercept = null
    expect(await there.tenant.sync.run(there.id, 'orders')).toMatchObject({ status: 'skipped', reason: 'paused' })
    await clock.advance(minute)
    expect(await there.tenant.sync.run(there.id, 'orders')).toMatchObject({ status: 'completed', itemCount: 3 })
    expect(there.eventsOf('connection.resumed')).toHaveLength(1)
  })

  test('is not what the limit that we keep ourselves does', async () => {
    const varied = { ...shop, rateLimit: { requestsPerSecond: 0.001, burst: 1 } } as typeof shop
    const { connectors } = await createShopWorld({ providers: [varied] })
    const tenant = connectors.forTenant('acme')
    const { id } = await tenant.connections.create(varied, {
      credentials: { token: 'token-of-acme' },
      settings: { url: 'http://127.0.0.1:1' },
    })
    await tenant.connections.test(id)
    expect(await tenant.connections.test(id)).toMatchObject({
      status: 'unreachable',
      message: expect.stringMatching(/turn would come/),
    })
    expect((await tenant.connections.get(id)).pausedUntil).toBeNull()
  })
})

describe('an outage', () => {
  test('is met when five calls in a row got no answer, and lasts longer each time', async () => {
    const { tenant, adapter, id, clock, eventsOf, server } = await connected()
    answering({ server }, 500)
    await failTimes(adapter, 4)
    expect(await tenant.connections.get(id)).toMatchObject({ isOperational: true, pausedUntil: null })
    await failTimes(adapter, 1)
    let known = minute
    for (let outage = 1; outage <= 9; outage += 1) {
      const { pausedUntil, pauseCount } = await tenant.connections.get(id)
      expect(pauseCount).toBe(outage)
      const pauseMs = (pausedUntil?.getTime() ?? 0) - clock.now().getTime()
      expect(pauseMs).toBeGreaterThanOrEqual(30_000)
      expect(pauseMs).toBeLessThanOrEqual(Math.min(60 * minute, known))
      known *= 2
      await clock.advance(pauseMs)
      const sent = server.requests.length
      // The call that goes first fails, which is enough.
      await expect(adapter.ping()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
      expect(server.requests.length).toBe(sent + 1)
    }
    expect(eventsOf('connection.paused')).toHaveLength(10)
    expect(eventsOf('connection.paused')[0]).toMatchObject({
      cause: 'outage',
      pauseCount: 1,
      reason: expect.stringMatching(/500/),
    })
    expect(eventsOf('connection.disabled')).toEqual([])
  })

  test('is not met when an answer comes in between, even one that refuses', async () => {
    const { tenant, adapter, id, server } = await connected()
    for (let round = 0; round < 3; round += 1) {
      answering({ server }, 502)
      await failTimes(adapter, 4)
      answering({ server }, 404)
      await failTimes(adapter, 1)
    }
    expect((await tenant.connections.get(id)).pausedUntil).toBeNull()
  })

  test('is fed by calls, generators, tests, and syncs alike', async () => {
    const { tenant, adapter, id, server } = await connected()
    answering({ server }, 503)
    await adapter.ping().catch(ignore)
    await adapter.eachOrder().next().catch(ignore)
    await tenant.connections.test(id)
    await tenant.sync.run(id, 'orders')
    expect((await tenant.connections.get(id)).pausedUntil).toBeNull()
    await tenant.sync.page(id, 'orders')
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 1, isOperational: false })
  })

  test('is fed by a webhook handler whose preparation calls the adapter', async () => {
    const { connectors, tenant, adapter, id, server } = await connected({ pause: { afterFailures: 1 } })
    connectors.webhooks.handle('order.created', {
      prepare: async () => {
        await adapter.getOrder('o1')
        return async () => {}
      },
    })
    const { body, headers } = shopDelivery('{"type":"order.created","orderId":"o1"}')
    await tenant.webhooks.receive(id, { body, headers })
    answering({ server }, 503)
    expect(await tenant.webhooks.processDue()).toMatchObject([{ status: 'failed' }])
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 1, isOperational: false })
    // Deliveries are taken in all the same.
    expect(await tenant.webhooks.receive(id, { body, headers })).toMatchObject({ status: 'duplicate' })
  })

  test('counts once and costs one write, however many calls meet it at the same time', async () => {
    let writeCount = 0
    const watched = watchedStore(memoryRepositories<string>(), (call) => {
      if (call === 'connections.pause') writeCount += 1
    })
    const { tenant, adapter, id, eventsOf, server } = await use(await createShopWorldOver(watched))
    const held = holding({ server })
    const calls = Array.from({ length: 16 }, () => adapter.ping().catch(ignore))
    await held.until(16)
    for (let index = 0; index < 16; index += 1) held.answer(index, 503)
    await Promise.all(calls)
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 1 })
    expect(eventsOf('connection.paused')).toHaveLength(1)
    expect(writeCount).toBe(1)
  })

  test('that two processes meet counts once, and one of them tells', async () => {
    const { here, there, server } = await twoProcesses()
    const held = holding({ server })
    const calls = [here, there].flatMap(({ adapter }) => Array.from({ length: 8 }, () => adapter.ping().catch(ignore)))
    await held.until(16)
    for (let index = 0; index < 16; index += 1) held.answer(index, 503)
    await Promise.all(calls)
    expect(await here.tenant.connections.get(here.id)).toMatchObject({ pauseCount: 1 })
    expect([...here.eventsOf('connection.paused'), ...there.eventsOf('connection.paused')]).toHaveLength(1)
    const sent = server.requests.length
    for (const { adapter } of [here, there]) {
      await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
    }
    expect(server.requests.length).toBe(sent)
  })

  test('of old credentials says nothing about the connection with new ones', async () => {
    const { tenant, adapter, id, server } = await connected()
    const held = holding({ server })
    const calls = Array.from({ length: 5 }, () => adapter.ping().catch(ignore))
    await held.until(5)
    server.tokens.add('new-token-of-acme')
    await tenant.connections.rotateCredentials(id, { token: 'new-token-of-acme' })
    for (let index = 0; index < 5; index += 1) held.answer(index, 503)
    await Promise.all(calls)
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 0, isOperational: true })
  })

  test('that could not be recorded is told by the next failure, and the caller sees why the call failed', async () => {
    let isAway = true
    const watched = watchedStore(memoryRepositories<string>(), (call) => {
      if (call === 'connections.pause' && isAway) throw new Error('the store is away')
    })
    const { tenant, adapter, id, server, logLines } = await use(await createShopWorldOver(watched))
    answering({ server }, 503)
    await failTimes(adapter, 4)
    await expect(adapter.ping()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
    expect(logLines.join()).toContain('an outage of the provider could not be recorded')
    isAway = false
    await failTimes(adapter, 1)
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 1 })
  })

  test('a test that is made meanwhile does not make it longer, and does not end it', async () => {
    const { tenant, adapter, id, server, eventsOf } = await connected()
    answering({ server }, 503)
    await failTimes(adapter, 5)
    const { pausedUntil } = await tenant.connections.get(id)
    for (let time = 0; time < 6; time += 1) await tenant.connections.test(id)
    server.intercept = null
    expect(await tenant.connections.test(id)).toMatchObject({ status: 'connected' })
    expect(await tenant.connections.get(id)).toMatchObject({ pausedUntil, pauseCount: 1 })
    expect(eventsOf('connection.resumed')).toEqual([])
  })
})

/** Two processes, and a pause that has just ended. */
async function afterPause() {
  const both = await twoProcesses({ pause: { afterFailures: 1, baseMs: minute, maxMs: minute } })
  answering(both, 503)
  await failTimes(both.here.adapter, 1)
  await both.clock.advance(minute)
  both.server.intercept = null
  return both
}

describe('after a pause', () => {
  test('one call goes first, of all processes, and the others wait for what it finds', async () => {
    const both = await afterPause()
    const { here, there, server } = both
    const held = holding(both)
    const sent = server.requests.length
    const calls = [here, there].flatMap(({ adapter }) =>
      Array.from({ length: 8 }, () =>
        adapter.ping().then(
          () => 'answered',
          (error: { code: string }) => error.code,
        ),
      ),
    )
    await held.until(1)
    // The losers are turned away while the first one is under way.
    const isTurnedAway = async (call: Promise<string>) =>
      (await Promise.race([call, Promise.resolve('waits')])) !== 'waits'
    await expect.poll(async () => (await Promise.all(calls.map(isTurnedAway))).filter(Boolean).length).toBe(15)
    for (const { tenant, id } of [here, there]) {
      expect(await tenant.sync.run(id, 'orders')).toMatchObject({ status: 'skipped', reason: 'paused' })
      expect((await tenant.connections.get(id)).isOperational).toBe(false)
    }
    expect(server.requests.length).toBe(sent + 1)
    held.answer(0, 200)
    server.intercept = null
    const outcomes = await Promise.all(calls)
    expect(outcomes.filter((outcome) => outcome === 'answered')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'CONNECTION_NOT_OPERATIONAL')).toHaveLength(15)
    expect([...here.eventsOf('connection.resumed'), ...there.eventsOf('connection.resumed')]).toHaveLength(1)
    await both.clock.advance(1_000)
    for (const { adapter } of [here, there]) await expect(adapter.ping()).resolves.toEqual({ shop: 'test' })
  })

  test('a call that goes first and fails makes the pause longer for every process', async () => {
    const both = await afterPause()
    const { here, there, clock } = both
    answering(both, 500)
    await failTimes(there.adapter, 1)
    expect(await here.tenant.connections.get(here.id)).toMatchObject({
      pausedUntil: new Date(clock.now().getTime() + minute),
      pauseCount: 2,
    })
    await expect(here.adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  })

  test('a process that dies while its call goes first keeps the others waiting until the lease is over', async () => {
    const both = await afterPause()
    const { repositories, here, there, clock, server } = both
    const lease = { owner: 'a dead process', at: clock.now(), leaseMs: 60_000, clockSkewMs: 10_000 }
    await repositories.connections.acquireProbe({ tenantId: 'acme', id: here.id }, lease)
    const sent = server.requests.length
    await expect(here.adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
    // The lease, and the 10 s by which clocks may differ.
    await clock.advance(70_000)
    await expect(there.adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
    expect(server.requests.length).toBe(sent)
    await clock.advance(1)
    await expect(there.adapter.ping()).resolves.toEqual({ shop: 'test' })
  })

  test('an answer that refuses is an answer: the pause is over, and the failure is counted', async () => {
    const both = await afterPause()
    const { here, server } = both
    server.tokens.clear()
    await expect(here.adapter.ping()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
    expect(await here.tenant.connections.get(here.id)).toMatchObject({ pausedUntil: null, authFailureCount: 1 })
  })

  test('a call that is called off has found nothing out, and the next one goes first', async () => {
    const both = await afterPause()
    const { here } = both
    const held = holding(both)
    const controller = new AbortController()
    const run = here.tenant.sync.run(here.id, 'orders', { signal: controller.signal })
    await held.until(1)
    controller.abort()
    expect(await run).toMatchObject({ status: 'partial', reason: 'aborted' })
    both.server.intercept = null
    expect((await here.tenant.connections.get(here.id)).pausedUntil).not.toBeNull()
    await expect(here.adapter.ping()).resolves.toEqual({ shop: 'test' })
    expect(here.eventsOf('connection.resumed')).toHaveLength(1)
  })

  test('code of the provider that fails by itself has found nothing out either', async () => {
    const { here, there } = await afterPause()
    await expect(here.adapter.leak()).rejects.toMatchObject({ code: 'PROVIDER_FAILED' })
    expect((await here.tenant.connections.get(here.id)).pausedUntil).not.toBeNull()
    await expect(there.adapter.ping()).resolves.toEqual({ shop: 'test' })
  })

  test('a late answer to a call that began before the pause does not end it', async () => {
    const both = await twoProcesses({ pause: { afterFailures: 1 } })
    const { here, there, clock } = both
    const held = holding(both)
    const slow = here.adapter.ping()
    await held.until(1)
    await clock.advance(10)
    const failing = there.adapter.ping().catch(ignore)
    await held.until(2)
    held.answer(1, 503)
    await failing
    held.answer(0, 200)
    await slow
    expect((await here.tenant.connections.get(here.id)).pauseCount).toBe(1)
    expect(here.eventsOf('connection.resumed')).toEqual([])
  })

  test('new credentials while a call goes first: what it finds is ignored, and it keeps nobody waiting', async () => {
    const both = await afterPause()
    const { here, there, server } = both
    const held = holding(both)
    const first = here.adapter.ping()
    await held.until(1)
    server.tokens.add('new-token-of-acme')
    await there.tenant.connections.rotateCredentials(there.id, { token: 'new-token-of-acme' })
    held.answer(0, 200)
    server.intercept = null
    await first
    expect((await there.tenant.connections.get(there.id)).pausedUntil).not.toBeNull()
    await both.clock.advance(1_000)
    await expect(there.adapter.ping()).resolves.toEqual({ shop: 'test' })
    expect(there.eventsOf('connection.resumed')).toHaveLength(1)
  })

  test('a test that succeeds ends it too', async () => {
    const { here } = await afterPause()
    expect(await here.tenant.connections.test(here.id)).toMatchObject({
      status: 'connected',
      connection: { isOperational: true, pausedUntil: null, pauseCount: 0 },
    })
  })
})

describe('by hand', () => {
  test('a connection is paused for a time, in every process, and resumed', async () => {
    const { here, there, clock, server } = await twoProcesses()
    const { connections } = here.tenant
    const untilAt = new Date(clock.now().getTime() + minute)
    const view = await connections.pause(here.id, { forMs: minute, reason: 'stock-taking' })
    expect(view).toMatchObject({
      isOperational: false,
      pausedUntil: untilAt,
      pauseReason: 'stock-taking',
      pauseCount: 0,
    })
    const sent = server.requests.length
    await expect(here.adapter.ping()).rejects.toMatchObject({
      message: expect.stringMatching(/paused until .*stock-taking/),
    })
    await clock.advance(1_000)
    await expect(there.adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
    expect(server.requests.length).toBe(sent)
    expect(await connections.resume(here.id)).toMatchObject({ isOperational: true, pausedUntil: null })
    await expect(here.adapter.ping()).resolves.toEqual({ shop: 'test' })
    await clock.advance(1_000)
    await expect(there.adapter.ping()).resolves.toEqual({ shop: 'test' })
    expect(here.eventsOf('connection.paused')).toMatchObject([
      { untilAt, reason: 'stock-taking', cause: 'operator', pauseCount: 0 },
    ])
    expect(here.eventsOf('connection.resumed')).toHaveLength(1)
  })

  test('a pause never shortens a longer one, and resuming what runs does nothing', async () => {
    const { tenant, id, clock, eventsOf, connectors } = await connected()
    const untilAt = new Date(clock.now().getTime() + 5 * minute)
    await connectors.operator.connections.pause(id, { untilAt })
    expect(await tenant.connections.pause(id, { forMs: minute })).toMatchObject({ pausedUntil: untilAt })
    expect(eventsOf('connection.paused')).toHaveLength(1)
    await tenant.connections.resume(id)
    expect(await tenant.connections.resume(id)).toMatchObject({ isOperational: true })
    expect(eventsOf('connection.resumed')).toHaveLength(1)
  })

  test('a pause in a transaction that is rolled back has never been, and is not told', async () => {
    const { tenant, id, connectors, eventsOf, adapter } = await connected()
    const mistake = new Error('changed my mind')
    await expect(
      connectors.transaction(async (transaction) => {
        await transaction.tenant('acme').connections.pause(id, { forMs: minute })
        throw mistake
      }),
    ).rejects.toBe(mistake)
    expect((await tenant.connections.get(id)).pausedUntil).toBeNull()
    await adapter.ping()
    expect(eventsOf('connection.paused')).toEqual([])
  })

  test.each([
    ['neither end', {}, /either untilAt .* or forMs .*disable/],
    ['both ends', { untilAt: new Date('2027-01-01'), forMs: 1 }, /either untilAt/],
    ['an end that has passed', { untilAt: new Date('2020-01-01') }, /in the future/],
    ['an end that no database keeps', { untilAt: new Date(Date.UTC(10_000, 0)) }, /in the future/],
    ['no date', { untilAt: '2027-01-01' }, /untilAt: it must be a Date/],
    ['an invalid date', { untilAt: new Date('') }, /in the future/],
    ['no time', { forMs: 0 }, /above 0/],
    ['no number', { forMs: '60' }, /above 0/],
    ['what is not a number', { forMs: Number.NaN }, /above 0/],
    ['for ever', { forMs: Number.POSITIVE_INFINITY }, /above 0/],
    ['a reason that is no text', { forMs: 1, reason: 1 }, /reason/],
    ['an unknown key', { until: new Date('2027-01-01') }, /unknown key "until"/],
  ])('%s is refused', async (_title, request, message) => {
    const { tenant, id } = await connected()
    await expect(tenant.connections.pause(id, request as { forMs: number })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    })
  })
})

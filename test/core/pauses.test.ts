import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import {
  afterPause,
  answering,
  connected,
  failTimes,
  holding,
  ignore,
  minute,
  twoProcesses,
  use,
} from '../support/pause-world.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

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

  test('a test need not wait for the call that goes first', async () => {
    const both = await afterPause()
    const { here, server } = both
    const held = holding(both)
    const first = here.adapter.ping()
    await held.until(1)
    const tested = here.tenant.connections.test(here.id)
    await held.until(2)
    for (const index of [0, 1]) held.answer(index, 200)
    server.intercept = null
    expect(await tested).toMatchObject({ status: 'connected' })
    await first
  })

  test('a call that comes second, but just when the first one was answered, goes too', async () => {
    let probeCount = 0
    let firstIsThrough = Promise.resolve<unknown>(null)
    const watched = watchedStore(memoryRepositories<string>(), async (call) => {
      if (call !== 'connections.acquireProbe') return
      probeCount += 1
      if (probeCount === 2) await firstIsThrough
    })
    const world = await use(await createShopWorldOver(watched, { pause: { afterFailures: 1 } }))
    answering(world, 503)
    await failTimes(world.adapter, 1)
    await world.clock.advance(minute)
    const held = holding(world)
    const [first, second] = [world.adapter.ping(), world.adapter.ping()]
    firstIsThrough = first
    await held.until(1)
    await expect.poll(() => probeCount).toBe(2)
    world.server.intercept = null
    held.answer(0, 200)
    await expect(second).resolves.toEqual({ shop: 'test' })
  })
})

import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { answering, connected, failTimes, holding, ignore, minute, twoProcesses, use } from '../support/pause-world.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

describe('an outage', () => {
  test('is met when five calls in a row got no answer, and lasts longer each time', async () => {
    const { tenant, adapter, id, clock, eventsOf, server } = await connected()
    answering({ server }, 500)
    await failTimes(adapter, 4)
    expect(await tenant.connections.get(id)).toMatchObject({ isOperational: true, pausedUntil: null })
    await failTimes(adapter, 1)
    let known = minute
    let longestMs = 0
    for (let outage = 1; outage <= 9; outage += 1) {
      const { pausedUntil, pauseCount } = await tenant.connections.get(id)
      expect(pauseCount).toBe(outage)
      const pauseMs = (pausedUntil?.getTime() ?? 0) - clock.now().getTime()
      expect(pauseMs).toBeGreaterThanOrEqual(30_000)
      expect(pauseMs).toBeLessThanOrEqual(Math.min(60 * minute, known))
      known *= 2
      longestMs = Math.max(longestMs, pauseMs)
      await clock.advance(pauseMs)
      const sent = server.requests.length
      // The call that goes first fails, which is enough.
      await expect(adapter.ping()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
      expect(server.requests.length).toBe(sent + 1)
    }
    // Chance may keep one of them short, but not all.
    expect(longestMs).toBeGreaterThan(minute)
    expect(eventsOf('connection.paused')).toHaveLength(10)
    expect(eventsOf('connection.paused')[0]).toMatchObject({
      cause: 'outage',
      pauseCount: 1,
      reason: expect.stringMatching(/500/),
    })
    expect(eventsOf('connection.disabled')).toEqual([])
  })

  test.each([403, 404])('is not met when an answer comes in between, even one that refuses with %i', async (status) => {
    const { tenant, adapter, id, server } = await connected()
    for (let round = 0; round < 3; round += 1) {
      answering({ server }, 502)
      await failTimes(adapter, 4)
      answering({ server }, status)
      await failTimes(adapter, 1)
    }
    expect((await tenant.connections.get(id)).pausedUntil).toBeNull()
  })

  test('is not met when a call succeeds in between', async () => {
    const { tenant, adapter, id, server } = await connected({ pause: { afterFailures: 2 } })
    for (let round = 0; round < 3; round += 1) {
      answering({ server }, 503)
      await expect(adapter.ping()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      server.intercept = null
      await adapter.ping()
    }
    expect(await tenant.connections.get(id)).toMatchObject({ isOperational: true, pausedUntil: null })
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
    const { tenant, adapter, id, server, clock, eventsOf } = await connected({
      pause: { baseMs: minute, maxMs: minute },
    })
    answering({ server }, 503)
    await failTimes(adapter, 5)
    const { pausedUntil } = await tenant.connections.get(id)
    await clock.advance(10_000)
    for (let time = 0; time < 6; time += 1) await tenant.connections.test(id)
    server.intercept = null
    expect(await tenant.connections.test(id)).toMatchObject({ status: 'connected' })
    expect(await tenant.connections.get(id)).toMatchObject({ pausedUntil, pauseCount: 1 })
    expect(eventsOf('connection.resumed')).toEqual([])
  })

  test('is counted anew for new credentials', async () => {
    const { tenant, adapter, id, server } = await connected({ pause: { afterFailures: 2 } })
    answering({ server }, 503)
    await failTimes(adapter, 1)
    server.tokens.add('new-token-of-acme')
    await tenant.connections.rotateCredentials(id, { token: 'new-token-of-acme' })
    await failTimes(adapter, 1)
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 0 })
    await failTimes(adapter, 1)
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 1 })
  })

  test('that new credentials meet is not forgotten for a late failure of the old ones', async () => {
    const { tenant, adapter, id, server } = await connected({ pause: { afterFailures: 2 } })
    const held = holding({ server })
    const late = adapter.ping().catch(ignore)
    await held.until(1)
    server.tokens.add('new-token-of-acme')
    await tenant.connections.rotateCredentials(id, { token: 'new-token-of-acme' })
    const failing = adapter.ping().catch(ignore)
    await held.until(2)
    held.answer(1, 503)
    await failing
    held.answer(0, 503)
    await late
    answering({ server }, 503)
    await failTimes(adapter, 1)
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 1 })
  })

  test('begins anew after somebody resumed the connection', async () => {
    const { tenant, adapter, id, server, clock } = await connected({ pause: { afterFailures: 2 } })
    answering({ server }, 503)
    await failTimes(adapter, 2)
    await tenant.connections.resume(id)
    await clock.advance(1)
    await failTimes(adapter, 1)
    expect(await tenant.connections.get(id)).toMatchObject({ pausedUntil: null })
    await failTimes(adapter, 1)
    expect(await tenant.connections.get(id)).toMatchObject({ pauseCount: 1 })
  })
})

import { describe, expect, test } from 'vitest'
import { connected, minute, twoProcesses } from '../support/pause-world.ts'

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

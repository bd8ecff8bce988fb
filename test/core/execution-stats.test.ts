import { expect, test } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'

test('the calls of a tenant are counted by how they ended, those of this moment included', async () => {
  const { connectors, connect, server, clock } = await createShopWorld({ orderCount: 1 })
  const acme = connectors.forTenant('acme')
  const { id } = await connect('acme')
  await connect('globex', { token: 'token-of-globex' })
  const adapter = await acme.connections.adapter(id, shop)
  await adapter.getOrder('o1')
  await expect(adapter.getOrder('o2')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED' })
  server.intercept = (_request, response) => {
    response.destroy()
    return true
  }
  await expect(adapter.getOrder('o1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  const now = clock.now().getTime()
  expect(await acme.executions.stats()).toEqual({
    since: new Date(now + 1 - 24 * 3_600_000),
    until: new Date(now + 1),
    count: 4,
    byOutcome: { '2xx': 2, '3xx': 0, '4xx': 1, '5xx': 0, unanswered: 1, other: 0 },
    failedCount: 2,
    meanMs: 0,
    maxMs: 0,
  })
  expect(await connectors.operator.executions.stats()).toMatchObject({ count: 5, failedCount: 2 })
})

test('calls are counted within a window, a day before its end by default, and of one connection', async () => {
  const clock = createFakeClock()
  const { connectors, connect } = await createShopWorld({ clock })
  const { executions } = connectors.forTenant('acme')
  const begin = clock.now()
  const first = await connect('acme')
  await clock.advance(25 * 3_600_000)
  const second = await connect('acme')
  expect(await executions.stats()).toMatchObject({ count: 1 })
  expect(await executions.stats({ since: begin })).toMatchObject({ since: begin, count: 2 })
  expect(await executions.stats({ since: begin, connectionId: first.id })).toMatchObject({ count: 1 })
  expect(await executions.stats({ connectionId: second.id, until: clock.now() })).toMatchObject({ count: 0 })
  const until = new Date(begin.getTime() + 1)
  expect(await executions.stats({ until })).toMatchObject({ until, count: 1 })
})

test('the connection of another tenant has no calls', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const foreign = await connectors.forTenant('globex').executions.stats({ connectionId: id })
  expect(foreign).toMatchObject({ count: 0, meanMs: null, maxMs: null })
})

test.each<[string, object]>([
  ['an unknown word', { connection: 'x' }],
  ['an instant that is text', { since: '2026-11-24' }],
  ['an instant that is none', { until: new Date(Number.NaN) }],
  ['an id that is a number', { connectionId: 1 }],
])('%s is refused', async (_what, request) => {
  const { connectors } = await createShopWorld()
  await expect(connectors.operator.executions.stats(request)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shopFetching } from '../support/shop-fetching.ts'
import type { ShopOrder } from '../support/shop-server.ts'
import { createShopWorld, createShopWorldOver } from '../support/shop-world.ts'

async function worldWithOrders(options: Parameters<typeof createShopWorld>[0] = {}) {
  const handled: string[] = []
  const world = await createShopWorld({
    orderCount: 25,
    handlers: { 'shop.orders': async ({ items }) => void handled.push(...items.map(({ id }: ShopOrder) => id)) },
    ...options,
  })
  const { id } = await world.connect('acme')
  world.server.requests.length = 0
  return { ...world, id, handled, acme: world.connectors.forTenant('acme') }
}

const json = { 'content-type': 'application/json' }
const faults: readonly (readonly [string, string, string, (response: ServerResponse) => void])[] = [
  ['401', 'authentication', 'AUTHENTICATION_FAILED', (response) => response.writeHead(401).end('{}')],
  ['403', 'provider', 'PERMISSION_DENIED', (response) => response.writeHead(403).end('{}')],
  ['404', 'provider', 'PROVIDER_REJECTED', (response) => response.writeHead(404).end('{}')],
  ['429', 'rate-limited', 'RATE_LIMITED', (response) => response.writeHead(429).end('{}')],
  ['500', 'transient', 'PROVIDER_UNAVAILABLE', (response) => response.writeHead(500).end('{}')],
  [
    'a body that is cut off',
    'transient',
    'PROVIDER_UNAVAILABLE',
    (response) => response.writeHead(200, json).end('{"orders": [{"id": "o'),
  ],
  [
    'a connection that breaks',
    'transient',
    'PROVIDER_UNAVAILABLE',
    (response) => {
      response.writeHead(200, { ...json, 'content-length': '1000' }).write('{"orders": [')
      setImmediate(() => response.destroy())
    },
  ],
  [
    'another form',
    'provider',
    'PROVIDER_FAILED',
    (response) => response.writeHead(200, json).end('{"orders": [{"id": 1}], "total": 1}'),
  ],
  [
    'a cursor that stands still',
    'provider',
    'PROVIDER_FAILED',
    (response) => response.writeHead(200, json).end('{"orders": [], "total": 99}'),
  ],
]

test.each(faults)('%s on the second page is a %s failure, and nothing of that page is written', async (...fault) => {
  const [, kind, code, answer] = fault
  const { acme, id, server, handled, eventsOf } = await worldWithOrders()
  server.intercept = (request, response) => {
    if (request.url !== '/orders?offset=10') return false
    answer(response)
    return true
  }
  const result = await acme.sync.run(id, 'orders')
  expect(result).toMatchObject({ status: 'failed', kind, error: { code }, pageCount: 1, itemCount: 10, cursor: 10 })
  expect(handled).toHaveLength(10)
  expect(await acme.sync.state(id, 'orders')).toMatchObject({
    status: 'failed',
    cursor: '10',
    errorCount: 1,
    isRunning: false,
    itemsSynced: 10,
  })
  expect(eventsOf('sync.failed')).toHaveLength(1)
  server.intercept = null
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 15 })
})

test('the next run waits as long as Retry-After says, where that is longer than the back-off', async () => {
  const { acme, id, server, clock } = await worldWithOrders()
  server.intercept = (_request, response) => {
    response.writeHead(429, { 'retry-after': '3600' }).end()
    return true
  }
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ kind: 'rate-limited', error: { retryAfterMs: 3_600_000 } })
  const state = await acme.sync.state(id, 'orders')
  expect(Number(state?.nextSyncAt) - Number(clock.now())).toBe(3_600_000)
})

test('failures with a committed page between them are no row of failures: the back-off begins anew', async () => {
  const { acme, id, server, clock } = await worldWithOrders()
  const fail = async () => {
    server.intercept = (_request, response) => {
      response.writeHead(404).end('{}')
      return true
    }
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'failed' })
    server.intercept = null
  }
  for (const _ of [1, 2, 3, 4]) await fail()
  expect(await acme.sync.page(id, 'orders')).toMatchObject({ status: 'partial' })
  expect(await acme.sync.state(id, 'orders')).toMatchObject({ errorCount: 0, lastError: null, nextSyncAt: null })
  await fail()
  const between = await acme.sync.state(id, 'orders')
  expect(between?.errorCount).toBe(1)
  // The run that fails may have brought the page itself.
  for (const _ of [1, 2, 3]) await fail()
  server.intercept = (request, response) => {
    if (request.url !== '/orders?offset=20') return false
    response.writeHead(404).end('{}')
    return true
  }
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'failed', pageCount: 1 })
  const state = await acme.sync.state(id, 'orders')
  expect(state?.errorCount).toBe(1)
  expect(Number(state?.nextSyncAt) - Number(clock.now())).toBeLessThan(45_000)
})

test('an absurd Retry-After is no reason to never come back', async () => {
  const { acme, id, server, clock } = await worldWithOrders()
  server.intercept = (_request, response) => {
    response.writeHead(429, { 'retry-after': '9'.repeat(30) }).end()
    return true
  }
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ kind: 'rate-limited' })
  const state = await acme.sync.state(id, 'orders')
  expect(state).toMatchObject({ status: 'failed', errorCount: 1, isRunning: false })
  expect(Number(state?.nextSyncAt) - Number(clock.now())).toBe(24 * 60 * 60 * 1_000)
})

test('what is kept of an endless error message has an end, and no NUL', async () => {
  const { acme, id } = await worldWithOrders({
    handlers: { 'shop.orders': () => Promise.reject(new Error(`\0${'x'.repeat(1_000_000)}`)) },
  })
  await acme.sync.run(id, 'orders')
  const state = await acme.sync.state(id, 'orders')
  expect(state?.lastError).toMatch(/^The handler shop\.orders failed: x+$/)
  expect(state?.lastError?.length).toBeLessThanOrEqual(2_000)
})

test('three runs with refused credentials disable the connection; the next one is skipped without a request', async () => {
  const { acme, id, server, eventsOf } = await worldWithOrders()
  server.tokens.clear()
  for (const _ of [1, 2, 3]) {
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'authentication' })
  }
  expect(eventsOf('connection.disabled')).toHaveLength(1)
  server.requests.length = 0
  const skipped = await acme.sync.run(id, 'orders')
  expect(skipped).toMatchObject({ status: 'skipped', reason: 'disabled', pageCount: 0, cursor: null })
  expect(server.requests).toEqual([])
  expect(eventsOf('sync.skipped')).toMatchObject([{ resource: 'orders', result: { reason: 'disabled' } }])
  expect(await acme.sync.state(id, 'orders')).toMatchObject({ errorCount: 3 })
})

test('a connection that was never tested is skipped as disconnected', async () => {
  const { acme, connect, server } = await worldWithOrders()
  const { id } = await connect('acme', { test: false })
  const result = await acme.sync.run(id, 'orders')
  expect(result).toMatchObject({ status: 'skipped', reason: 'disconnected' })
  expect(result.status === 'skipped' && result.message).toContain('connections.test()')
  expect(server.requests).toEqual([])
})

test('a run whose connection is disabled meanwhile stops before its next request', async () => {
  const { acme, id, server, connectors } = await worldWithOrders()
  connectors.on('sync.pageCommitted', () => void 0)
  server.intercept = async (request) => {
    if (request.url === '/orders?offset=10') await acme.connections.disable(id)
    return false
  }
  const result = await acme.sync.run(id, 'orders')
  expect(result).toMatchObject({ status: 'partial', reason: 'not-operational', pageCount: 2, cursor: 20 })
  expect(server.requests).toHaveLength(2)
  expect(await acme.sync.state(id, 'orders')).toMatchObject({ cursor: '20', errorCount: 0, isRunning: false })
})

test('a resource that the provider lacks is refused, naming those it has', async () => {
  const { acme, id, server } = await worldWithOrders()
  for (const name of ['refunds', 'toString', '__proto__', '']) {
    // @ts-expect-error the shop has no such resource
    const refused = acme.sync.run(id, name)
    await expect(refused).rejects.toMatchObject({
      code: 'UNKNOWN_RESOURCE',
      message: expect.stringContaining('orders'),
    })
    // @ts-expect-error the shop has no such resource
    await expect(acme.sync.state(id, name)).rejects.toMatchObject({ code: 'UNKNOWN_RESOURCE' })
  }
  expect(server.requests).toEqual([])
})

test('a resource without a handler is refused before anything is fetched', async () => {
  const { acme, id, server, events } = await worldWithOrders({ handlers: {} })
  for (const verb of ['page', 'run', 'full'] as const) {
    await expect(acme.sync[verb](id, 'orders')).rejects.toMatchObject({
      code: 'HANDLER_MISSING',
      message: expect.stringContaining("'shop.orders'"),
    })
  }
  expect(server.requests).toEqual([])
  expect(events.filter(({ name }) => name.startsWith('sync.'))).toEqual([])
  expect(await acme.sync.state(id, 'orders')).toBeNull()
})

test("another tenant's connection is not found, by any verb", async () => {
  const { connectors, id, server } = await worldWithOrders()
  const globex = connectors.forTenant('globex')
  const { page, run, full, state } = globex.sync
  for (const call of [page(id, 'orders'), run(id, 'orders'), full(id, 'orders'), state(id, 'orders')]) {
    await expect(call).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  }
  expect(server.requests).toEqual([])
  expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
})

test('a deleted connection is not found', async () => {
  const { acme, id } = await worldWithOrders()
  await acme.connections.delete(id)
  await expect(acme.sync.run(id, 'orders')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  await expect(acme.sync.state(id, 'orders')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test.each(['while its page is fetched', 'while its page is prepared'])(
  'what comes for a connection that is deleted %s is not handled',
  async (moment) => {
    const handled: string[] = []
    const { acme, id, server } = await worldWithOrders({
      handlers: {
        'shop.orders': {
          prepare: async ({ items }) => {
            if (moment.endsWith('prepared') && handled.length > 0) await acme.connections.delete(id)
            return async () => void handled.push(...items.map((order: ShopOrder) => order.id))
          },
        },
      },
    })
    server.intercept = async (request) => {
      if (moment.endsWith('fetched') && request.url === '/orders?offset=10') await acme.connections.delete(id)
      return false
    }
    const result = await acme.sync.run(id, 'orders')
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'CONNECTION_NOT_FOUND' },
      pageCount: 1,
      cursor: 10,
    })
    expect(handled).toHaveLength(10)
  },
)

test('a handler that works outside of the transaction sees no page of a connection that was deleted meanwhile', async () => {
  const handled: string[] = []
  const { acme, id, server } = await worldWithOrders({
    handlers: {
      'shop.orders': {
        atLeastOnce: { onPage: async ({ items }) => void handled.push(...items.map((order: ShopOrder) => order.id)) },
      },
    },
  })
  server.intercept = async (request) => {
    if (request.url === '/orders?offset=10') await acme.connections.delete(id)
    return false
  }
  await acme.sync.run(id, 'orders')
  expect(handled).toHaveLength(10)
})

test('what a provider throws comes out typed and without secrets', async () => {
  const { acme, id, logLines, events } = await worldWithOrders({
    providers: [shopFetching(() => Promise.reject(new TypeError('token-of-acme is no function')))],
  })
  const result = await acme.sync.run(id, 'orders')
  expect(result).toMatchObject({ status: 'failed', kind: 'provider', error: { code: 'PROVIDER_FAILED' } })
  const seen = JSON.stringify([result, await acme.sync.state(id, 'orders'), logLines, events])
  expect(seen).toContain('is no function')
  expect(seen).not.toContain('token-of-acme')
})

test('an address that must not be asked is a failure of the configuration', async () => {
  const repositories = memoryRepositories<string>()
  const { connect } = await createShopWorldOver(repositories, {})
  const { id } = await connect('acme')
  const strict = await createShopWorldOver(repositories, {
    http: {},
    handlers: { 'shop.orders': async () => {} },
  })
  const result = await strict.connectors.operator.sync.run(id, 'orders')
  expect(result).toMatchObject({ status: 'failed', kind: 'configuration', error: { code: 'EGRESS_REFUSED' } })
  expect(strict.eventsOf('sync.failed')).toMatchObject([{ result: { kind: 'configuration' } }])
})

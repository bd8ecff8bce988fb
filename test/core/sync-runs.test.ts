import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import { shopFetching } from '../support/shop-fetching.ts'
import type { ShopOrder } from '../support/shop-server.ts'
import { createShopWorld, createShopWorldOver } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

/** A world with 25 orders (three pages) whose handler remembers what it was given. */
async function worldWithOrders({ orderCount = 25 } = {}) {
  const pages: { ids: string[]; mode: string; generation: number; runId: string }[] = []
  const world = await createShopWorld({
    orderCount,
    handlers: {
      'shop.orders': async ({ items, mode, generation, runId, tx }) => {
        pages.push({ ids: items.map(({ id }) => id), mode, generation, runId })
        for (const item of items) tx.table<ShopOrder>('orders').set(item.id, item)
      },
    },
  })
  const { id } = await world.connect('acme')
  world.server.requests.length = 0
  return { ...world, id, pages, acme: world.connectors.forTenant('acme') }
}

test('page fetches and handles one page', async () => {
  const { acme, id, pages, server } = await worldWithOrders()
  const result = await acme.sync.page(id, 'orders')
  expect(result).toMatchObject({ status: 'partial', reason: 'max-pages', pageCount: 1, itemCount: 10, cursor: 10 })
  expect(pages.map(({ ids }) => ids.length)).toEqual([10])
  expect(server.requests).toEqual(['GET /orders?offset=0'])
})

test('page answers completed when its page was the last', async () => {
  const { acme, id } = await worldWithOrders({ orderCount: 3 })
  expect(await acme.sync.page(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 1, itemCount: 3 })
})

test('run drains all pages in order', async () => {
  const { acme, id, pages, server } = await worldWithOrders()
  const result = await acme.sync.run(id, 'orders')
  expect(result).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25, cursor: 25 })
  expect(pages.flatMap(({ ids }) => ids)).toEqual(server.orders.map((order) => order.id))
})

test('a second run fetches nothing twice', async () => {
  const { acme, id, pages, server } = await worldWithOrders()
  await acme.sync.run(id, 'orders')
  server.orders.push({ id: 'new', total: '1.00' })
  server.requests.length = 0
  pages.length = 0
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 1, cursor: 26 })
  expect(server.requests).toEqual(['GET /orders?offset=25'])
  expect(pages.map(({ ids }) => ids)).toEqual([['new']])
})

test('a run stops after maxPages and the next one goes on from there', async () => {
  const { acme, id, server } = await worldWithOrders()
  const first = await acme.sync.run(id, 'orders', { maxPages: 2 })
  expect(first).toMatchObject({ status: 'partial', reason: 'max-pages', pageCount: 2, cursor: 20 })
  const second = await acme.sync.run(id, 'orders')
  expect(second).toMatchObject({ status: 'completed', pageCount: 1, itemCount: 5 })
  expect(server.requests).toEqual(['GET /orders?offset=0', 'GET /orders?offset=10', 'GET /orders?offset=20'])
})

test('a run begins no further page once maxMs are over', async () => {
  const { acme, id, server, clock } = await worldWithOrders()
  server.intercept = async () => {
    await clock.advance(600)
    return false
  }
  const result = await acme.sync.run(id, 'orders', { maxMs: 1_000 })
  expect(result).toMatchObject({ status: 'partial', reason: 'max-ms', pageCount: 2 })
})

test('a signal aborts the fetch under way, and the committed pages stay', async () => {
  const { acme, id, server, pages } = await worldWithOrders()
  const abort = new AbortController()
  server.intercept = (request) => {
    if (request.url !== '/orders?offset=10') return false
    abort.abort()
    return true // never answered
  }
  const result = await acme.sync.run(id, 'orders', { signal: abort.signal })
  expect(result).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 1, cursor: 10 })
  expect(pages).toHaveLength(1)
  expect(await acme.sync.state(id, 'orders')).toMatchObject({ isRunning: false, errorCount: 0, cursor: '10' })
})

test('a run whose signal has fired already sends nothing', async () => {
  const { acme, id, server } = await worldWithOrders()
  const result = await acme.sync.run(id, 'orders', { signal: AbortSignal.abort() })
  expect(result).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 0 })
  expect(server.requests).toEqual([])
})

test('close ends a run after the page it is at, and gives the lease back', async () => {
  const { acme, id, server, connectors, pages } = await worldWithOrders()
  let closed: Promise<void> | undefined
  server.intercept = (request) => {
    if (request.url !== '/orders?offset=10') return false
    closed = connectors.close()
    return true // never answered
  }
  const result = await acme.sync.run(id, 'orders')
  await closed
  expect(result).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 1, cursor: 10 })
  expect(pages).toHaveLength(1)
  await expect(acme.sync.run(id, 'orders')).rejects.toMatchObject({ code: 'CLOSED' })
})

test('full starts from the beginning, as a new generation', async () => {
  const { acme, id, pages } = await worldWithOrders()
  await acme.sync.run(id, 'orders')
  pages.length = 0
  expect(await acme.sync.full(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
  expect(pages.map(({ mode, generation }) => [mode, generation])).toEqual([
    ['full', 1],
    ['full', 1],
    ['full', 1],
  ])
  expect(await acme.sync.state(id, 'orders')).toMatchObject({ mode: 'incremental', generation: 1, itemsSynced: 50 })
})

test('an interrupted full pass is continued as full by run', async () => {
  const { acme, id, pages, eventsOf } = await worldWithOrders()
  expect(await acme.sync.full(id, 'orders', { maxPages: 1 })).toMatchObject({ status: 'partial', cursor: 10 })
  expect(await acme.sync.state(id, 'orders')).toMatchObject({ mode: 'full', generation: 1 })
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 2, itemCount: 15 })
  expect(pages.map(({ mode, generation }) => [mode, generation])).toEqual([
    ['full', 1],
    ['full', 1],
    ['full', 1],
  ])
  expect(eventsOf('sync.started').map(({ isFull }) => isFull)).toEqual([true, true])
  expect(eventsOf('sync.completed').map(({ isFull }) => isFull)).toEqual([true])
})

test('full begins anew even while a full pass is unfinished', async () => {
  const { acme, id, pages } = await worldWithOrders()
  await acme.sync.full(id, 'orders', { maxPages: 1 })
  await acme.sync.full(id, 'orders')
  expect(pages.map(({ generation }) => generation)).toEqual([1, 2, 2, 2])
})

test('state is null before the first run, then tells where the sync stands', async () => {
  const { acme, id, clock } = await worldWithOrders()
  expect(await acme.sync.state(id, 'orders')).toBeNull()
  await acme.sync.run(id, 'orders')
  const state = await acme.sync.state(id, 'orders')
  expect(state).toMatchObject({
    tenantId: 'acme',
    connectionId: id,
    resourceType: 'orders',
    status: 'completed',
    cursor: '25',
    lastSyncAt: clock.now(),
    errorCount: 0,
    itemsSynced: 25,
    isRunning: false,
  })
  expect(Object.keys(state ?? {})).not.toEqual(expect.arrayContaining(['fence']))
  expect(Object.keys(state ?? {})).not.toEqual(expect.arrayContaining(['leaseOwner']))
})

test('a run tells what it does in order, each page after its commit, with the runId of its audit rows', async () => {
  const { acme, id, events, connectors } = await worldWithOrders()
  const atCommit: Promise<string>[] = []
  connectors.on('sync.pageCommitted', () => {
    atCommit.push(acme.sync.state(id, 'orders').then((state) => String(state?.cursor)))
  })
  const result = await acme.sync.run(id, 'orders', { maxPages: 2 })
  await acme.sync.run(id, 'orders')
  const told = events.filter(({ name }) => name.startsWith('sync.'))
  expect(told.map(({ name }) => name)).toEqual([
    'sync.started',
    'sync.pageCommitted',
    'sync.pageCommitted',
    'sync.started',
    'sync.pageCommitted',
    'sync.completed',
  ])
  expect(told[1]?.event).toMatchObject({
    tenantId: 'acme',
    connectionId: id,
    provider: { family: 'shop', name: 'testshop' },
    resource: 'orders',
    runId: result.runId,
    isFull: false,
    itemCount: 10,
    hasMore: true,
  })
  expect(told[5]?.event).toMatchObject({ result: { status: 'completed' }, state: { cursor: '25' } })
  expect((await Promise.all(atCommit)).map(Number).every((cursor) => cursor >= 10)).toBe(true)
  const rows = await acme.executions.list({ runId: result.runId }).page()
  expect(rows.items.map(({ action, url }) => [action, new URL(url).search]).sort()).toEqual([
    ['sync orders', '?offset=0'],
    ['sync orders', '?offset=10'],
  ])
})

test.each([{ maxPages: 0 }, { maxPages: 1.5 }, { maxPages: Number.NaN }, { maxMs: 0 }, { maxMs: Number.NaN }])(
  'the budget %j is refused before anything happens',
  async (budget) => {
    const { connectors, connect, server } = await createShopWorld({ handlers: { 'shop.orders': async () => {} } })
    const { id } = await connect('acme')
    const before = server.requests.length
    const run = connectors.forTenant('acme').sync.run(id, 'orders', budget)
    await expect(run).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(server.requests).toHaveLength(before)
  },
)

test('an incremental resource that ends without a cursor is refused: it would start from the beginning the next time', async () => {
  let calls = 0
  const { connectors, connect } = await createShopWorld({
    providers: [
      shopFetching(async () => {
        calls += 1
        return calls === 1 ? { items: [], cursor: 1, hasMore: true } : { items: [], cursor: null, hasMore: false }
      }),
    ],
    handlers: { 'shop.orders': async () => {} },
  })
  const { id } = await connect('acme')
  const acme = connectors.forTenant('acme')
  expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'provider', cursor: 1 })
  expect(await acme.sync.state(id, 'orders')).toMatchObject({ cursor: '1' })
})

test('a run that is over stays over, even if its end cannot be read back or its lease not be given back', async () => {
  let isBroken = false
  const repositories = watchedStore(memoryRepositories<string>(), (call) => {
    if (isBroken && /syncStates\.(find|release)/.test(call)) throw new ConnectorsError('STORE_UNAVAILABLE', 'gone')
  })
  const { connectors, connect, logLines } = await createShopWorldOver(repositories, {
    orderCount: 25,
    handlers: { 'shop.orders': async () => {} },
  })
  const { id } = await connect('acme')
  isBroken = true
  const acme = connectors.forTenant('acme')
  expect(await acme.sync.run(id, 'orders', { maxPages: 1 })).toMatchObject({ status: 'partial', pageCount: 1 })
  expect(logLines.join('\n')).toContain('a lease could not be given back')
})

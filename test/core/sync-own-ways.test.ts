import { expect, expectTypeOf, test } from 'vitest'
import type { MemoryTransaction } from '../../src/adapters/memory/memory-repositories.ts'
import type { SyncProgress } from '../../src/core/domain/sync-result.ts'
import type { ShopOrder } from '../support/shop-server.ts'
import { createShopWorld } from '../support/shop-world.ts'
import { till } from '../support/till-world.ts'

/** A world with 25 orders (three pages), whose registered handler remembers what it was given. */
async function worldWithOrders() {
  const registered: string[] = []
  const world = await createShopWorld({
    orderCount: 25,
    handlers: { 'shop.orders': async ({ items }) => void registered.push(...items.map(({ id }) => id)) },
  })
  const { id } = await world.connect('acme')
  world.server.requests.length = 0
  return { ...world, id, registered, sync: world.connectors.forTenant('acme').sync }
}

/** The totals of the orders from a cursor on, two at a time. */
const twoTotals = async (
  adapter: { listOrders: (offset: number) => Promise<{ orders: ShopOrder[] }> },
  from: number,
) => {
  const { orders } = await adapter.listOrders(from)
  const items = orders.slice(0, 2).map(({ total }) => Number(total))
  return { items, cursor: from + items.length, hasMore: from + items.length < 6 }
}

test('onPage handles the pages in place of the registered handler, in the same transaction as the cursor', async () => {
  const { sync, id, registered } = await worldWithOrders()
  const seen: string[] = []
  const result = await sync.run(id, 'orders', {
    onPage: async ({ items, tx, provider, stateKey }) => {
      expectTypeOf(items).toEqualTypeOf<readonly { id: string; total: string }[]>()
      expectTypeOf(tx).toEqualTypeOf<MemoryTransaction>()
      seen.push(`${provider} ${stateKey} ${items.length}`)
      if (seen.length === 2) throw new Error('not this one')
    },
  })
  expect(result).toMatchObject({ status: 'failed', kind: 'handler', cursor: 10, error: { code: 'HANDLER_FAILED' } })
  expect(seen).toEqual(['testshop orders 10', 'testshop orders 10'])
  expect(registered).toEqual([])
  // The row is the resource's: the registered handler goes on from there.
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 15 })
  expect(registered[0]).toBe('o11')
})

test('onPage is enough where no handler is registered, and may be prepared', async () => {
  const { connectors, connect } = await createShopWorld({ orderCount: 3, handlers: {} })
  const { id } = await connect('acme')
  const { sync } = connectors.forTenant('acme')
  await expect(sync.run(id, 'orders')).rejects.toMatchObject({ code: 'HANDLER_MISSING' })
  const order: string[] = []
  const result = await sync.page(id, 'orders', {
    onPage: {
      prepare: async ({ items }) => {
        order.push(`prepare ${items.length}`)
        return async ({ tx }) => void order.push(`inside ${typeof tx.table}`)
      },
    },
  })
  expect(result).toMatchObject({ status: 'completed', itemCount: 3 })
  expect(order).toEqual(['prepare 3', 'inside function'])
})

test.each([
  ['nothing to run', {}],
  ['two ways at once', { prepare: async () => async () => {}, onPage: async () => {} }],
  ['a misspelled part', { onPage: async () => {}, onSweeep: async () => {} }],
  ['a misspelled part within', { atLeastOnce: { onPage: async () => {}, onSweeps: async () => {} } }],
])('a handler with %s is refused, registered or given to a call', async (_title, handler) => {
  const onPage = handler as () => Promise<void>
  await expect(createShopWorld({ handlers: { 'shop.orders': onPage } })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('with one of onPage()'),
  })
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  await expect(connectors.forTenant('acme').sync.run(id, 'orders', { onPage })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
})

test('a handler may be an instance of a class with members of its own', async () => {
  class Orders {
    readonly seen: number[] = []
    async onPage({ items }: { readonly items: readonly unknown[] }) {
      this.seen.push(items.length)
    }
  }
  const orders = new Orders()
  const { connectors, connect } = await createShopWorld({ orderCount: 3, handlers: { 'shop.orders': orders } })
  const { id } = await connect('acme')
  await connectors.forTenant('acme').sync.run(id, 'orders')
  expect(orders.seen).toEqual([3])
})

test('fetch gets the adapter, the cursor of its own state key and a signal; the resource stays where it is', async () => {
  const { sync, id, registered, server, eventsOf } = await worldWithOrders()
  await sync.run(id, 'orders')
  registered.length = 0
  server.requests.length = 0
  const totals: number[] = []
  const asked: unknown[] = []
  const run = (maxPages?: number) =>
    sync.run(id, 'orders', {
      ...(maxPages !== undefined && { maxPages }),
      stateKey: 'orders:totals',
      fetch: async (adapter, { cursor, signal }) => {
        asked.push([cursor, signal.aborted])
        return twoTotals(adapter, typeof cursor === 'number' ? cursor : 0)
      },
      onPage: async ({ items, stateKey, resource }) => {
        expectTypeOf(items).toEqualTypeOf<readonly number[]>()
        expect([stateKey, resource]).toEqual(['orders:totals', 'orders'])
        totals.push(...items)
      },
    })
  expect(await run(2)).toMatchObject({ status: 'partial', cursor: 4 })
  expect(await run()).toMatchObject({ status: 'completed', cursor: 6, itemCount: 2 })
  expect(totals).toEqual([1, 2, 3, 4, 5, 6])
  expect(asked).toEqual([
    [null, false],
    [2, false],
    [4, false],
  ])
  expect(registered).toEqual([])
  expect(await sync.state(id, 'orders')).toMatchObject({ cursor: '25', itemsSynced: 25 })
  expect(await sync.state(id, 'orders:totals')).toMatchObject({
    resourceType: 'orders:totals',
    cursor: '6',
    itemsSynced: 6,
    status: 'completed',
  })
  expect(eventsOf('sync.completed').map(({ resource, stateKey }) => [resource, stateKey])).toEqual([
    ['orders', 'orders'],
    ['orders', 'orders:totals'],
  ])
})

test('fetch alone feeds the registered handler, passes the gate and is audited like any other', async () => {
  const { sync, id, registered, connectors } = await worldWithOrders()
  const result = await sync.run(id, 'orders', {
    stateKey: 'orders:first',
    fetch: async (adapter) => ({ items: (await adapter.listOrders(0)).orders, cursor: null, hasMore: false }),
  })
  expect(result).toMatchObject({ status: 'completed', itemCount: 10, cursor: null })
  expect(registered).toHaveLength(10)
  const rows = await connectors.forTenant('acme').executions.list({ runId: result.runId }).page()
  expect(rows.items.map(({ action }) => action)).toEqual(['sync orders:first'])
  await connectors.forTenant('acme').connections.disable(id)
  expect(await sync.run(id, 'orders', { stateKey: 'orders:first' })).toMatchObject({ status: 'skipped' })
})

test('what is asked for under a key of its own may begin anew each time; under the key of the resource its rule holds', async () => {
  const { sync, id } = await worldWithOrders()
  const fetch = async (_adapter: unknown, { cursor }: { cursor: unknown }) =>
    cursor === null ? { items: [], cursor: 'second', hasMore: true } : { items: [], cursor: null, hasMore: false }
  for (const _time of [1, 2]) {
    const anew = await sync.run(id, 'orders', { stateKey: 'orders:anew', fetch })
    expect(anew).toMatchObject({ status: 'completed', pageCount: 2, cursor: null })
  }
  expect(await sync.run(id, 'orders', { fetch })).toMatchObject({
    status: 'failed',
    kind: 'provider',
    cursor: 'second',
  })
})

test('runs under different state keys do not lock each other, and may be full by themselves', async () => {
  const { sync, id } = await worldWithOrders()
  let other: unknown
  const result = await sync.run(id, 'orders', {
    maxPages: 1,
    onPage: {
      prepare: async () => {
        other = await sync.full(id, 'orders', { stateKey: 'orders:again', onPage: async () => {} })
        return async () => {}
      },
    },
  })
  expect(result).toMatchObject({ status: 'partial' })
  expect(other).toMatchObject({ status: 'completed', itemCount: 25 })
  expect(await sync.state(id, 'orders')).toMatchObject({ generation: 0 })
  expect(await sync.state(id, 'orders:again')).toMatchObject({ generation: 1 })
})

test('onProgress is told after each commit; whether it throws or rejects changes nothing', async () => {
  const { sync, id, logLines } = await worldWithOrders()
  const told: SyncProgress[] = []
  const result = await sync.run(id, 'orders', {
    onProgress: (progress) => {
      told.push(progress)
      if (told.length === 1) throw new Error('thrown by onProgress')
      return Promise.reject(new Error('rejected by onProgress'))
    },
  })
  expect(result).toMatchObject({ status: 'completed', pageCount: 3 })
  expect(told.map(({ pageCount, itemCount, cursor, hasMore }) => [pageCount, itemCount, cursor, hasMore])).toEqual([
    [1, 10, 10, true],
    [2, 20, 20, true],
    [3, 25, 25, false],
  ])
  expect(told[0]?.runId).toBe(result.runId)
  expect(logLines.join('\n')).toContain('thrown by onProgress')
  expect(logLines.join('\n')).toContain('rejected by onProgress')
})

test.each([
  [{ fetch: 5 }, 'fetch'],
  [{ onPage: {} }, 'onPage'],
  [{ onProgress: 'yes' }, 'onProgress'],
  [{ stateKey: 'totals' }, 'stateKey'],
  [{ stateKey: 'orders:' }, 'stateKey'],
  [{ stateKey: 'orders:Totals' }, 'stateKey'],
  [{ stateKey: `orders:${'x'.repeat(64)}` }, 'stateKey'],
  [{ stateKey: 'products:all' }, 'begin with "orders:"'],
  [{ provider: till }, 'testshop'],
])('the options %o of a run are refused before anything happens', async (options, says) => {
  const { sync, id, server } = await worldWithOrders()
  await expect(sync.run(id, 'orders', options as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining(says),
  })
  expect(server.requests).toEqual([])
  expect(await sync.state(id, 'orders')).toBeNull()
})

test('the state of a key is read only where its resource exists', async () => {
  const { sync, id } = await worldWithOrders()
  expect(await sync.state(id, 'orders:none-yet')).toBeNull()
  // @ts-expect-error the shop has no such resource
  await expect(sync.state(id, 'products:all')).rejects.toMatchObject({ code: 'UNKNOWN_RESOURCE' })
})

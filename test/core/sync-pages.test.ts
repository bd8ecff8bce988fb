import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shopFetching } from '../support/shop-fetching.ts'
import type { ShopOrder } from '../support/shop-server.ts'
import { createShopWorldOver } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'
import { type Unreliability, unreliableStore } from '../support/unreliable-store.ts'

describe.each(testStores)('on $name', ({ open }) => {
  /** A world with 25 orders (three pages); `handle` runs after the page was written. */
  async function worldWithOrders({
    handle = async () => {},
    unreliability = {},
  }: {
    readonly handle?: (page: { readonly items: readonly ShopOrder[]; readonly tx: unknown }) => Promise<void>
    readonly unreliability?: Unreliability
  } = {}) {
    const store = await open()
    const world = await createShopWorldOver(unreliableStore(store.repositories, unreliability), {
      orderCount: 25,
      handlers: {
        'shop.orders': async ({ items, tx }) => {
          for (const { id } of items) await store.write(tx, id)
          await handle({ items, tx })
        },
      },
    })
    const { id } = await world.connect('acme')
    world.server.requests.length = 0
    return { ...world, store, id, acme: world.connectors.forTenant('acme') }
  }
  const idsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `o${index + 1}`).sort()

  test('a handler that fails after writing leaves nothing behind, and its page comes again', async () => {
    let isBroken = false
    const { acme, id, store, server, eventsOf, clock } = await worldWithOrders({
      handle: async ({ items }) => {
        if (isBroken && items[0]?.id === 'o11') throw new Error('the disk is on fire')
      },
    })
    isBroken = true
    const failed = await acme.sync.run(id, 'orders')
    expect(failed).toMatchObject({ status: 'failed', kind: 'handler', pageCount: 1, itemCount: 10, cursor: 10 })
    if (failed.status !== 'failed') throw new Error('unreachable')
    expect(failed.error).toMatchObject({ code: 'HANDLER_FAILED', message: expect.stringContaining('shop.orders') })
    expect(failed.error.message).toContain('the disk is on fire')
    expect(await store.keys()).toEqual(idsUpTo(10))
    expect(eventsOf('sync.failed')).toMatchObject([{ result: { status: 'failed', runId: failed.runId } }])
    expect(eventsOf('sync.pageCommitted')).toHaveLength(1)

    const state = await acme.sync.state(id, 'orders')
    expect(state).toMatchObject({ status: 'failed', cursor: '10', errorCount: 1, isRunning: false })
    expect(state?.lastError).toContain('the disk is on fire')
    const waitMs = Number(state?.nextSyncAt) - Number(clock.now())
    expect(waitMs).toBeGreaterThanOrEqual(24_000)
    expect(waitMs).toBeLessThanOrEqual(36_000)

    isBroken = false
    server.requests.length = 0
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 2, itemCount: 15 })
    expect(server.requests[0]).toBe('GET /orders?offset=10')
    expect(await store.keys()).toEqual(idsUpTo(25))
    expect(await acme.sync.state(id, 'orders')).toMatchObject({ status: 'completed', errorCount: 0, lastError: null })
  })

  test('failures in a row back off further and further', async () => {
    const { acme, id, clock } = await worldWithOrders({ handle: () => Promise.reject(new Error('no')) })
    const waits: number[] = []
    for (const errorCount of [1, 2, 3, 4]) {
      await acme.sync.run(id, 'orders')
      const state = await acme.sync.state(id, 'orders')
      expect(state).toMatchObject({ errorCount, cursor: null })
      waits.push(Number(state?.nextSyncAt) - Number(clock.now()))
    }
    for (const [index, wait] of waits.entries()) {
      expect(wait / (30_000 * 2 ** index)).toBeGreaterThanOrEqual(0.8)
      expect(wait / (30_000 * 2 ** index)).toBeLessThanOrEqual(1.2)
    }
  })

  test.each([
    ['nothing', undefined],
    ['a string', 'no'],
    ['null', null],
    ['an object without a prototype', Object.create(null)],
  ])('a handler may throw %s', async (_what, thrown) => {
    const { acme, id, store } = await worldWithOrders({ handle: () => Promise.reject(thrown) })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'handler' })
    expect(await store.keys()).toEqual([])
  })

  test('a page whose COMMIT was not answered is neither repeated nor skipped', async () => {
    let transactions = 0
    const { acme, id, store, server, eventsOf } = await worldWithOrders({
      unreliability: { losesAnswer: () => ++transactions === 2 },
    })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
    expect(await store.keys()).toEqual(idsUpTo(25))
    expect(server.requests).toHaveLength(3)
    expect(eventsOf('sync.pageCommitted')).toHaveLength(3)
    expect(await acme.sync.state(id, 'orders')).toMatchObject({ itemsSynced: 25, errorCount: 0 })
  })

  test('the last page may lose the answer to its COMMIT too', async () => {
    let transactions = 0
    const { acme, id, store, eventsOf } = await worldWithOrders({
      unreliability: { losesAnswer: () => ++transactions === 3 },
    })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
    expect(await store.keys()).toEqual(idsUpTo(25))
    expect(eventsOf('sync.completed')).toHaveLength(1)
  })

  test('work that the store runs again has its effects and events once', async () => {
    let calls = 0
    const { acme, id, store, eventsOf } = await worldWithOrders({
      handle: async () => {
        calls += 1
      },
      unreliability: { runsAgain: () => true },
    })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
    expect(calls).toBe(6)
    expect(await store.keys()).toEqual(idsUpTo(25))
    expect(eventsOf('sync.pageCommitted').map(({ itemCount }) => itemCount)).toEqual([10, 10, 5])
    expect(await acme.sync.state(id, 'orders')).toMatchObject({ itemsSynced: 25 })
  })

  test('prepare runs outside of the transaction, may call the facade, and its function gets the handle', async () => {
    const store = await open()
    const order: string[] = []
    const { connectors, connect, server } = await createShopWorldOver(store.repositories, {
      orderCount: 12,
      handlers: {
        'shop.orders': {
          prepare: async ({ items, connection, runId }) => {
            const acme = connectors.forTenant('acme')
            const { displayName } = await acme.connections.get(connection.id)
            const state = await acme.sync.state(connection.id, 'orders')
            order.push(`prepare ${items.length} ${displayName} ${state?.isRunning} ${runId.length}`)
            return async ({ tx }) => {
              order.push(`inside ${items.length}`)
              for (const { id } of items) await store.write(tx, id)
            }
          },
        },
      },
    })
    const { id } = await connect('acme')
    server.requests.length = 0
    expect(await connectors.forTenant('acme').sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
    expect(order).toEqual(['prepare 10 Test shop true 36', 'inside 10', 'prepare 2 Test shop true 36', 'inside 2'])
    expect(await store.keys()).toEqual(idsUpTo(12))
  })

  test('a prepare that fails, or answers no function, fails the page', async () => {
    const store = await open()
    let prepare: () => Promise<unknown> = () => Promise.reject(new Error('no quote today'))
    const { connectors, connect } = await createShopWorldOver(store.repositories, {
      orderCount: 1,
      // As written in JavaScript, where nobody checks what prepare answers.
      handlers: { 'shop.orders': { prepare: () => prepare() as Promise<() => Promise<void>> } },
    })
    const { id } = await connect('acme')
    const { sync } = connectors.forTenant('acme')
    const kind = { status: 'failed', kind: 'handler' }
    expect(await sync.run(id, 'orders')).toMatchObject({ ...kind, error: { code: 'HANDLER_FAILED' } })
    prepare = async () => ({ done: true })
    const result = await sync.run(id, 'orders')
    expect(result).toMatchObject({ ...kind, error: { message: expect.stringContaining('async ({ tx })') } })
    expect(await sync.state(id, 'orders')).toMatchObject({ cursor: null, errorCount: 2 })
  })

  test('a handler that takes longer than the limit is rolled back, and the error names the option', async () => {
    const store = await open()
    const { connectors, connect } = await createShopWorldOver(store.repositories, {
      orderCount: 1,
      transaction: { timeoutMs: 50 },
      handlers: {
        'shop.orders': async ({ items, tx }) => {
          for (const { id } of items) await store.write(tx, id)
          await new Promise(() => {})
        },
      },
    })
    const { id } = await connect('acme')
    const result = await connectors.forTenant('acme').sync.run(id, 'orders')
    expect(result).toMatchObject({
      status: 'failed',
      kind: 'handler',
      error: { code: 'HANDLER_TIMEOUT', message: expect.stringContaining('transaction.timeoutMs') },
    })
    expect(await store.keys()).toEqual([])
  })
})

test('the items of a page are frozen, and a copy: what is run again sees the same, and what is counted was fetched', async () => {
  const fetched = [
    { id: 'o1', total: '1' },
    { id: 'o2', total: '2' },
  ]
  let isSpoiling = true
  const { connectors, connect } = await createShopWorldOver(memoryRepositories<string>(), {
    providers: [shopFetching(async () => ({ items: fetched, cursor: 2, hasMore: false }))],
    handlers: {
      'shop.orders': async ({ items }) => {
        if (isSpoiling) (items as unknown[]).length = 0
      },
    },
  })
  const { id } = await connect('acme')
  const spoilt = await connectors.operator.sync.run(id, 'orders')
  expect(spoilt).toMatchObject({ status: 'failed', kind: 'handler', error: { code: 'HANDLER_FAILED' }, itemCount: 0 })
  isSpoiling = false
  expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 2 })
  // The provider's own array is still its own.
  fetched.push({ id: 'o3', total: '3' })
  expect(await connectors.operator.sync.full(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 3 })
})

test('a provider that goes on filling the array of its page changes neither items nor count', async () => {
  const fetched = [{ id: 'o1', total: '1' }]
  const handled: string[] = []
  const { connectors, connect } = await createShopWorldOver(memoryRepositories<string>(), {
    providers: [shopFetching(async () => ({ items: fetched, cursor: 1, hasMore: false }))],
    handlers: {
      'shop.orders': async ({ items }) => {
        fetched.push({ id: 'o2', total: '2' })
        handled.push(...items.map(({ id }) => id))
      },
    },
  })
  const { id } = await connect('acme')
  expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 1 })
  expect(handled).toEqual(['o1'])
})

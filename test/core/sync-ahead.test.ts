import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { AuthenticationError } from '../../src/core/domain/errors.ts'
import type { FetchRequest } from '../../src/core/domain/provider.ts'
import { shopFetching } from '../support/shop-fetching.ts'
import { createShopWorldOver } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'
import { watchedStore } from '../support/watched-store.ts'

/** Something to wait for, and to open. */
function barrier() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe.each(testStores)('on $name', ({ open }) => {
  test('the next page is fetched while the current one is in its transaction, and no page beyond it', async () => {
    const store = await open()
    const requested = new Map([10, 20].map((offset) => [offset, barrier()]))
    const seen: string[] = []
    const world = await createShopWorldOver(store.repositories, {
      orderCount: 25,
      // The gate is read anew for each fetch.
      gateMaxAgeMs: 0,
      handlers: {
        'shop.orders': async ({ items, tx }) => {
          for (const { id } of items) await store.write(tx, id)
          // Without a fetch that goes ahead this would wait for ever.
          await requested.get(items[0]?.id === 'o1' ? 10 : 20)?.opened
          seen.push(world.server.requests.join(' '))
        },
      },
    })
    const { id } = await world.connect('acme')
    world.server.requests.length = 0
    world.server.intercept = (request) => {
      requested.get(Number(request.url?.replace(/\D/g, '')))?.open()
      return false
    }
    const result = await world.connectors.operator.sync.run(id, 'orders')
    expect(result).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
    const all = ['GET /orders?offset=0', 'GET /orders?offset=10', 'GET /orders?offset=20']
    expect(seen).toEqual([all.slice(0, 2).join(' '), all.join(' '), all.join(' ')])
    expect(world.server.requests).toEqual(all)
    expect(await store.keys()).toHaveLength(25)
  })
})

/** Three pages, named by their cursors, from a function that may fail or wait. */
async function worldFetching({
  onFetch = async () => {},
  onHandle = async () => {},
  repositories = memoryRepositories<string>(),
}: {
  readonly onFetch?: (request: FetchRequest) => Promise<void>
  readonly onHandle?: (item: string) => Promise<void>
  readonly repositories?: ReturnType<typeof memoryRepositories<string>>
} = {}) {
  const fetched: unknown[] = []
  const handled: string[] = []
  const world = await createShopWorldOver(repositories, {
    gateMaxAgeMs: 0,
    providers: [
      shopFetching(async (request) => {
        fetched.push(request.cursor)
        await onFetch(request)
        const page = Number(request.cursor ?? 0) + 1
        return { items: [{ id: `p${page}`, total: '1' }], cursor: page, hasMore: page < 3 }
      }),
    ],
    handlers: {
      'shop.orders': async ({ items }) => {
        await onHandle(items[0]?.id ?? '')
        handled.push(...items.map(({ id }) => id))
      },
    },
  })
  const { id } = await world.connect('acme')
  return { ...world, id, fetched, handled, sync: world.connectors.forTenant('acme').sync }
}

/** Long enough for all that is ready to happen. */
const aWhile = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('nothing is fetched beyond the budget', async () => {
  const { sync, id, fetched, clock } = await worldFetching({ onHandle: async () => aWhile() })
  await sync.page(id, 'orders')
  expect(fetched).toEqual([null])
  await sync.full(id, 'orders', { maxPages: 2 })
  expect(fetched).toEqual([null, null, 1])
  let lateCount = 0
  const late = await sync.full(id, 'orders', {
    maxMs: 1_000,
    fetch: async () => {
      lateCount += 1
      await clock.advance(1_000)
      return { items: [], cursor: lateCount, hasMore: true }
    },
    onPage: async () => aWhile(),
  })
  expect(late).toMatchObject({ status: 'partial', reason: 'max-ms', pageCount: 1 })
  expect(lateCount).toBe(1)
})

test('what is fetched ahead is thrown away where the budget or the run has ended meanwhile', async () => {
  const abort = new AbortController()
  const { sync, id, fetched, handled } = await worldFetching({
    onHandle: async () => {
      await aWhile()
      abort.abort()
    },
  })
  const result = await sync.run(id, 'orders', { signal: abort.signal })
  expect(result).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 1, cursor: 1 })
  expect(fetched).toEqual([null, 1])
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 2 })
  expect(handled).toEqual(['p1', 'p2', 'p3'])
})

test('a fetch that is still under way when the budget ends is called off', async () => {
  let signal: AbortSignal | undefined
  const begun = barrier()
  const { sync, id, clock, eventsOf } = await worldFetching({
    onFetch: async (request) => {
      if (request.cursor !== 1) return
      signal = request.signal
      begun.open()
      await new Promise(() => {})
    },
    onHandle: async () => {
      await begun.opened
      await clock.advance(1_000)
    },
  })
  const result = await sync.run(id, 'orders', { maxMs: 1_000 })
  expect(result).toMatchObject({ status: 'partial', reason: 'max-ms', pageCount: 1, cursor: 1 })
  expect(signal?.aborted).toBe(true)
  expect(eventsOf('operation.failed')).toEqual([])
  expect(await sync.state(id, 'orders')).toMatchObject({ isRunning: false, errorCount: 0 })
})

test('a page that could not be fetched ahead fails the run only after the current page is committed', async () => {
  const failed = barrier()
  let refuses = true
  const { sync, id, handled, events } = await worldFetching({
    onFetch: async ({ cursor }) => {
      if (cursor !== 1 || !refuses) return
      failed.open()
      throw new AuthenticationError('the token is over')
    },
    onHandle: async (item) => {
      if (item === 'p1') await failed.opened
      await aWhile()
    },
  })
  const result = await sync.run(id, 'orders')
  expect(result).toMatchObject({ status: 'failed', kind: 'authentication', pageCount: 1, cursor: 1 })
  const names = events.map(({ name }) => name).filter((name) => /^(sync|operation)/.test(name))
  expect(names).toEqual(['sync.started', 'sync.pageCommitted', 'operation.failed', 'sync.failed'])
  refuses = false
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 2 })
  expect(handled).toEqual(['p1', 'p2', 'p3'])
})

test('while a transaction is open the fetch that goes ahead uses no other connection to the database', async () => {
  const calls: string[] = []
  let isInside = false
  const inside = barrier()
  const { sync, id } = await worldFetching({
    repositories: watchedStore(memoryRepositories<string>(), async (call) => {
      await aWhile()
      if (isInside) calls.push(call)
    }) as ReturnType<typeof memoryRepositories<string>>,
    onFetch: async ({ cursor }) => {
      if (cursor !== 1) return
      await inside.opened
      throw new AuthenticationError('the token is over')
    },
    onHandle: async () => {
      isInside = true
      inside.open()
      for (const _turn of [1, 2, 3]) await aWhile()
      isInside = false
    },
  })
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'authentication', pageCount: 1 })
  expect(calls).toEqual([])
})

test('a handler that fails calls the fetch off, and nothing is left of it', async () => {
  const begun = barrier()
  let signal: AbortSignal | undefined
  let isBroken = true
  const { sync, id, fetched, handled, eventsOf, clock, connectors } = await worldFetching({
    onFetch: async (request) => {
      if (request.cursor !== 1 || !isBroken) return
      signal = request.signal
      begun.open()
      await new Promise(() => {})
    },
    onHandle: async () => {
      if (!isBroken) return
      await begun.opened
      throw new Error('the disk is on fire')
    },
  })
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'handler', pageCount: 0, cursor: null })
  expect(signal?.aborted).toBe(true)
  expect(eventsOf('operation.failed')).toEqual([])
  isBroken = false
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3 })
  expect(fetched).toEqual([null, 1, null, 1, 2])
  expect(handled).toEqual(['p1', 'p2', 'p3'])
  await connectors.operator.executions.list().page()
  expect(clock.pending()).toBe(0)
})

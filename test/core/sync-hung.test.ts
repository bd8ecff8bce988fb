import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { FetchedPage } from '../../src/core/domain/provider.ts'
import { shopFetching } from '../support/shop-fetching.ts'
import { createShopWorldOver } from '../support/shop-world.ts'

const lastPage: FetchedPage<{ id: string; total: string }> = {
  items: [{ id: 'o1', total: '1' }],
  cursor: 1,
  hasMore: false,
}

/** A run that stands still where provider or handler never answer, and a way to make them answer all the same. */
async function hungWorld(at: 'fetch' | 'prepare') {
  const repositories = memoryRepositories<string>()
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const late: { resolve: () => void; reject: (error: unknown) => void } = { resolve: () => {}, reject: () => {} }
  const hang = () =>
    new Promise<void>((resolve, reject) => {
      Object.assign(late, { resolve, reject })
      arrive()
    })
  const hold = { isOn: true }
  const handled: string[] = []
  const world = await createShopWorldOver(repositories, {
    providers: [
      shopFetching(async () => {
        if (at === 'fetch' && hold.isOn) await hang()
        return lastPage
      }),
    ],
    handlers: {
      'shop.orders': {
        prepare: async ({ items }) => {
          if (at === 'prepare' && hold.isOn) await hang()
          return async () => void handled.push(...items.map(({ id }) => id))
        },
      },
    },
  })
  const { id } = await world.connect('acme')
  const { sync } = world.connectors.forTenant('acme')
  return { ...world, repositories, id, sync, arrived, late, hold, handled }
}

describe.each(['fetch', 'prepare'] as const)('a %s that never answers', (at) => {
  test('is left alone when the signal of the run fires, and the lease is given back', async () => {
    const { sync, id, arrived, hold, clock, handled, eventsOf, connectors } = await hungWorld(at)
    const abort = new AbortController()
    const run = sync.run(id, 'orders', { signal: abort.signal })
    await arrived
    abort.abort()
    expect(await run).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 0, cursor: null })
    await connectors.operator.executions.list().page()
    expect(clock.pending()).toBe(0)
    expect(eventsOf('operation.failed')).toEqual([])
    hold.isOn = false
    expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 1 })
    expect(handled).toEqual(['o1'])
  })

  test('does not keep close() waiting', async () => {
    const { sync, id, arrived, connectors, clock } = await hungWorld(at)
    const run = sync.run(id, 'orders')
    await arrived
    await connectors.close()
    expect(await run).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 0 })
    expect(clock.pending()).toBe(0)
  })

  test('ends with the lease, when another has taken it over', async () => {
    const { sync, id, arrived, clock, repositories } = await hungWorld(at)
    const run = sync.run(id, 'orders')
    await arrived
    const other = await createShopWorldOver(repositories, { handlers: { 'shop.orders': async () => {} } })
    await other.clock.advance(70_001)
    await other.connectors.operator.sync.page(id, 'orders').catch(() => {})
    await clock.advance(20_000)
    expect(await run).toMatchObject({ status: 'partial', reason: 'lease-lost', pageCount: 0 })
  })

  test.each(['a result', 'an error'])(
    'commits nothing and disturbs nobody when it comes late with %s',
    async (what) => {
      const { sync, id, arrived, late, handled, eventsOf } = await hungWorld(at)
      const abort = new AbortController()
      const run = sync.run(id, 'orders', { signal: abort.signal })
      await arrived
      abort.abort()
      await run
      if (what === 'a result') late.resolve()
      else late.reject(new Error('too late'))
      await new Promise((resolve) => setImmediate(resolve))
      expect(handled).toEqual([])
      expect(await sync.state(id, 'orders')).toMatchObject({
        cursor: null,
        isRunning: false,
        errorCount: 0,
        itemsSynced: 0,
      })
      for (const name of ['sync.pageCommitted', 'sync.failed', 'operation.failed'] as const) {
        expect(eventsOf(name)).toEqual([])
      }
    },
  )
})

test('a page whose transaction has begun is finished, though the signal fires', async () => {
  const abort = new AbortController()
  const { connectors, connect } = await createShopWorldOver(memoryRepositories<string>(), {
    orderCount: 25,
    handlers: { 'shop.orders': async () => abort.abort() },
  })
  const { id } = await connect('acme')
  const result = await connectors.operator.sync.run(id, 'orders', { signal: abort.signal })
  expect(result).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 1, cursor: 10 })
})

import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import { createShopWorldOver } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

/** Something to wait for, and to open. */
function barrier() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe.each(testStores)('on $name', ({ open }) => {
  /** Two processes over one store, each with its own clock; the first may be held up at a page. */
  async function twoProcesses() {
    const store = await open()
    const arrived = barrier()
    const goOn = barrier()
    const handledBy: string[] = []
    const hold = { at: null as 'fetch' | 'prepare' | 'inside' | null }
    const stop = async (at: typeof hold.at) => {
      if (hold.at !== at) return
      hold.at = null
      arrived.open()
      await goOn.opened
    }
    const process = (name: string, isHeld: boolean) =>
      createShopWorldOver(store.repositories, {
        orderCount: 25,
        // Long enough for a fetch to end by nothing but what the test does.
        http: { allowPrivateNetwork: true, timeoutMs: 600_000 },
        handlers: {
          'shop.orders': {
            prepare: async ({ items }) => {
              if (isHeld) await stop('prepare')
              return async ({ tx }) => {
                handledBy.push(name)
                for (const { id } of items) await store.write(tx, id)
                if (isHeld) await stop('inside')
              }
            },
          },
        },
      })
    const first = await process('first', true)
    const second = await process('second', false)
    const { id } = await first.connect('acme')
    first.server.requests.length = 0
    first.server.intercept = async () => {
      await stop('fetch')
      return false
    }
    const run = (world: typeof first) => world.connectors.forTenant('acme').sync.run(id, 'orders')
    return { store, first, second, id, run, hold, arrived, goOn, handledBy }
  }

  test('of two runs at once one is skipped, and sends nothing', async () => {
    const { first, second, run, hold, arrived, goOn, id, store } = await twoProcesses()
    hold.at = 'fetch'
    const running = run(first)
    await arrived.opened
    expect((await first.connectors.operator.sync.state(id, 'orders'))?.isRunning).toBe(true)
    expect(first.server.requests).toHaveLength(1)
    for (const world of [first, second]) {
      const skipped = await run(world)
      expect(skipped).toMatchObject({ status: 'skipped', reason: 'locked', pageCount: 0 })
      expect(world.eventsOf('sync.skipped')).toMatchObject([{ result: { reason: 'locked' } }])
    }
    expect(first.server.requests).toHaveLength(1)
    goOn.open()
    expect(await running).toMatchObject({ status: 'completed', pageCount: 3 })
    expect(await store.keys()).toHaveLength(25)
  })

  test('sixteen runs at once: one runs', async () => {
    const { first, run, store } = await twoProcesses()
    const results = await Promise.all(Array.from({ length: 16 }, () => run(first)))
    expect(results.filter(({ status }) => status === 'completed')).toHaveLength(1)
    expect(results.filter(({ status }) => status === 'skipped')).toHaveLength(15)
    expect(first.server.requests).toHaveLength(3)
    expect(await store.keys()).toHaveLength(25)
  })

  test('a run that was silent for too long is taken over, writes nothing more, and says so', async () => {
    const { first, second, run, hold, arrived, goOn, handledBy, store, id } = await twoProcesses()
    hold.at = 'prepare'
    const stale = run(first)
    await arrived.opened
    // 60 s of lease and 10 s of skew, by the clock of the second process; that of the first stands still.
    await second.clock.advance(70_000)
    expect(await run(second)).toMatchObject({ status: 'skipped', reason: 'locked' })
    await second.clock.advance(1)
    expect(await run(second)).toMatchObject({ status: 'completed', pageCount: 3 })
    goOn.open()
    expect(await stale).toMatchObject({ status: 'partial', reason: 'lease-lost', pageCount: 0, cursor: null })
    expect(handledBy).toEqual(['second', 'second', 'second'])
    expect(await store.keys()).toHaveLength(25)
    expect(await first.connectors.operator.sync.state(id, 'orders')).toMatchObject({
      status: 'completed',
      cursor: '25',
      errorCount: 0,
      itemsSynced: 25,
    })
    expect(first.eventsOf('sync.failed')).toEqual([])
    expect(first.eventsOf('sync.pageCommitted')).toEqual([])
  })

  test('a stale run learns of it while it fetches, and gives up the fetch', async () => {
    const { first, second, run, hold, arrived, goOn, handledBy, store } = await twoProcesses()
    hold.at = 'fetch'
    const stale = run(first)
    await arrived.opened
    await second.clock.advance(70_001)
    const taken = run(second)
    expect(await taken).toMatchObject({ status: 'completed' })
    // The time for a renewal has come for the first as well; the shop has still not answered it.
    await first.clock.advance(20_000)
    expect(await stale).toMatchObject({ status: 'partial', reason: 'lease-lost', pageCount: 0 })
    goOn.open()
    expect(handledBy).toEqual(['second', 'second', 'second'])
    expect(await store.keys()).toHaveLength(25)
  })

  test('a slow fetch keeps its lease, however long it takes', async () => {
    const { first, second, run, hold, arrived, goOn } = await twoProcesses()
    hold.at = 'fetch'
    const slow = run(first)
    await arrived.opened
    for (let elapsed = 0; elapsed < 300_000; elapsed += 20_000) {
      await first.clock.advance(20_000)
      await second.clock.advance(20_000)
      expect(await run(second)).toMatchObject({ status: 'skipped', reason: 'locked' })
    }
    goOn.open()
    expect(await slow).toMatchObject({ status: 'completed', pageCount: 3 })
    // Nothing keeps renewing what is over.
    expect(await run(second)).toMatchObject({ status: 'completed', pageCount: 1, itemCount: 0 })
  })

  test('a slow prepare keeps its lease', async () => {
    const { first, second, run, hold, arrived, goOn } = await twoProcesses()
    hold.at = 'prepare'
    const slow = run(first)
    await arrived.opened
    for (let elapsed = 0; elapsed < 100_000; elapsed += 20_000) {
      await first.clock.advance(20_000)
      await second.clock.advance(20_000)
      expect(await run(second)).toMatchObject({ status: 'skipped', reason: 'locked' })
    }
    goOn.open()
    expect(await slow).toMatchObject({ status: 'completed' })
  })

  test('a run leaves no timer behind', async () => {
    const { first, run } = await twoProcesses()
    await run(first)
    await first.connectors.operator.executions.list().page()
    expect(first.clock.pending()).toBe(0)
  })

  test('a crashed run is believed only while its lease lives, and is resumed from its last page', async () => {
    const { first, second, run, hold, arrived, goOn, id } = await twoProcesses()
    expect(await first.connectors.operator.sync.page(id, 'orders')).toMatchObject({ cursor: 10 })
    hold.at = 'fetch'
    const crashed = run(first)
    await arrived.opened
    const state = () => second.connectors.operator.sync.state(id, 'orders')
    expect(await state()).toMatchObject({ status: 'running', isRunning: true })
    await second.clock.advance(60_001)
    expect(await state()).toMatchObject({ status: 'idle', isRunning: false })
    await second.clock.advance(10_000)
    expect(await run(second)).toMatchObject({ status: 'completed', pageCount: 2, itemCount: 15 })
    goOn.open()
    await crashed
  })
})

describe('transactions that take longer than the lease', () => {
  async function worldWithSlowHandler(transaction: { timeoutMs: number; maxWaitMs: number }, leaseMs: number) {
    const repositories = memoryRepositories<string>()
    const leftMs: number[] = []
    // The handler's transaction takes a while, in which nothing renews.
    const pass = { time: async (_ms: number): Promise<void> => {} }
    const world = await createShopWorldOver(
      {
        ...repositories,
        transaction: async (work, limits) => {
          const { items } = await repositories.syncStates.list({
            scope: operatorScope,
            filter: {},
            at: new Date(0),
            limit: 1,
          })
          leftMs.push(Number(items[0]?.leaseExpiresAt) - Number(world.clock.now()))
          return repositories.transaction(work, limits)
        },
      },
      { orderCount: 25, sync: { leaseMs }, transaction, handlers: { 'shop.orders': () => pass.time(100_000) } },
    )
    pass.time = world.clock.advance
    const { id } = await world.connect('acme')
    return { ...world, repositories, id, leftMs }
  }

  test('find a lease in the row that outlives them', async () => {
    const limits = { timeoutMs: 120_000, maxWaitMs: 10_000 }
    const { connectors, id, leftMs } = await worldWithSlowHandler(limits, 5_000)
    expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
    expect(leftMs).toEqual([130_000, 130_000, 130_000])
  })

  test('leave a lease behind that is renewed before it ends', async () => {
    const { connectors, repositories, id, server, clock } = await worldWithSlowHandler(
      { timeoutMs: 100_000, maxWaitMs: 1_000 },
      60_000,
    )
    // One second of the lease is left after the transaction; the next fetch takes longer than that and the skew.
    const other = await createShopWorldOver(repositories, { handlers: { 'shop.orders': async () => {} } })
    let result: unknown
    server.intercept = async (request) => {
      if (request.url !== '/orders?offset=10') return false
      await clock.advance(900)
      await clock.advance(14_100)
      await other.clock.advance(clock.now().getTime() - other.clock.now().getTime())
      result = await other.connectors.operator.sync.run(id, 'orders')
      return false
    }
    expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3 })
    expect(result).toMatchObject({ status: 'skipped', reason: 'locked' })
  })
})

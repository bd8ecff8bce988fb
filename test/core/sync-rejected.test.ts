import { describe, expect, test } from 'vitest'
import type { RejectedItem } from '../../src/core/domain/sync-result.ts'
import { createShopWorldOver } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'
import { type Unreliability, unreliableStore } from '../support/unreliable-store.ts'

describe.each(testStores)('on $name', ({ open }) => {
  /** A world with 25 orders (three pages); those that `isBad` says are rejected, the others written. */
  async function worldRejecting(
    isBad: (id: string) => boolean,
    { unreliability = {}, maxRejected }: { readonly unreliability?: Unreliability; readonly maxRejected?: number } = {},
  ) {
    const store = await open()
    const world = await createShopWorldOver(unreliableStore(store.repositories, unreliability), {
      orderCount: 25,
      ...(maxRejected !== undefined && { sync: { maxRejected } }),
      handlers: {
        'shop.orders': async ({ items, reject, tx }) => {
          for (const { id } of items) {
            if (isBad(id)) reject({ externalId: id, reason: `${id} has no price` })
            else await store.write(tx, id)
          }
        },
      },
    })
    const { id } = await world.connect('acme')
    return { ...world, store, id, sync: world.connectors.forTenant('acme').sync }
  }
  const rejectedAs = (...ids: readonly string[]): readonly RejectedItem[] =>
    ids.map((id) => ({ externalId: id, reason: `${id} has no price` }))

  test('single items are rejected without failing the page: counted in the result, told in event, progress and log', async () => {
    const { sync, id, store, eventsOf, logLines } = await worldRejecting((order) => ['o2', 'o3', 'o25'].includes(order))
    const progress: unknown[] = []
    const result = await sync.run(id, 'orders', {
      onProgress: ({ rejectedCount, rejected }) => void progress.push([rejectedCount, rejected.length]),
    })
    expect(result).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25, rejectedCount: 3 })
    expect(result.rejected).toEqual(rejectedAs('o2', 'o3', 'o25'))
    expect(await store.keys()).toHaveLength(22)
    expect(eventsOf('sync.pageCommitted').map(({ rejected }) => rejected)).toEqual([
      rejectedAs('o2', 'o3'),
      [],
      rejectedAs('o25'),
    ])
    expect(progress).toEqual([
      [2, 2],
      [2, 2],
      [3, 3],
    ])
    const told = logLines.filter((line) => line.includes('items were rejected'))
    expect(told).toHaveLength(2)
    expect(told[0]).toContain('"externalId":"o2","reason":"o2 has no price"')
    expect(told[0]).toContain(result.runId)
    expect(await sync.state(id, 'orders')).toMatchObject({ status: 'completed', errorCount: 0 })
  })

  test('over the budget of the run the page is rolled back, and the error says what was rejected', async () => {
    const { sync, id, store } = await worldRejecting((order) => Number(order.slice(1)) >= 9, { maxRejected: 5 })
    const result = await sync.run(id, 'orders')
    expect(result).toMatchObject({ status: 'failed', kind: 'handler', pageCount: 1, cursor: 10, rejectedCount: 2 })
    if (result.status !== 'failed') throw new Error('unreachable')
    expect(result.error).toMatchObject({ code: 'TOO_MANY_REJECTED', retryable: false })
    expect(result.error.message).toMatch(/12 items.*maxRejected allows 5.*o20: o20 has no price/)
    expect(await store.keys()).toEqual(['o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7', 'o8'])
    expect(await sync.state(id, 'orders')).toMatchObject({ cursor: '10', errorCount: 1 })
    // A call may allow more.
    expect(await sync.run(id, 'orders', { maxRejected: 15 })).toMatchObject({ status: 'completed', rejectedCount: 15 })
  })

  test('the budget is a number of items, just as many as it says', async () => {
    const store = await open()
    const { connectors, connect } = await createShopWorldOver(store.repositories, {
      orderCount: 25,
      // The first of each page.
      handlers: { 'shop.orders': async ({ reject }) => reject({ externalId: 'first', reason: 'no' }) },
    })
    const { id } = await connect('acme')
    const { sync } = connectors.forTenant('acme')
    expect(await sync.full(id, 'orders', { maxRejected: 3 })).toMatchObject({ status: 'completed', rejectedCount: 3 })
    expect(await sync.full(id, 'orders', { maxRejected: 2 })).toMatchObject({ status: 'failed', pageCount: 2 })
    const page = await sync.page(id, 'orders', { maxRejected: 0 })
    expect(page).toMatchObject({ status: 'failed', error: { code: 'TOO_MANY_REJECTED' } })
    await expect(sync.run(id, 'orders', { maxRejected: -1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('of work that the store runs again the rejects of the committed attempt count, and no others', async () => {
    let attempt = 0
    const { sync, id } = await worldRejecting(
      (order) => {
        if (order === 'o1') attempt += 1
        return order === (attempt === 1 ? 'o2' : 'o3')
      },
      { unreliability: { runsAgain: () => true, losesAnswer: () => true } },
    )
    const result = await sync.run(id, 'orders', { maxRejected: 1 })
    expect(attempt).toBe(2)
    expect(result).toMatchObject({ status: 'completed', pageCount: 3 })
    expect(result.rejected).toEqual(rejectedAs('o3'))
  })

  test('what prepare rejects counts once, however often the inside is run', async () => {
    const store = await open()
    const { connectors, connect } = await createShopWorldOver(
      unreliableStore(store.repositories, { runsAgain: () => true }),
      {
        orderCount: 2,
        handlers: {
          'shop.orders': {
            prepare: async ({ reject }) => {
              reject({ externalId: 'o1', reason: 'outside' })
              return async () => reject({ externalId: 'o2', reason: 'inside' })
            },
          },
        },
      },
    )
    const { id } = await connect('acme')
    const result = await connectors.operator.sync.run(id, 'orders', { maxRejected: 2 })
    expect(result.rejected).toEqual([
      { externalId: 'o1', reason: 'outside' },
      { externalId: 'o2', reason: 'inside' },
    ])
  })

  test.each([
    ['nothing', undefined],
    ['an id alone', { externalId: 'o1' }],
    ['a number for an id', { externalId: 1, reason: 'no' }],
  ])('%s is no rejected item, and fails the page', async (_what, item) => {
    const store = await open()
    const { connectors, connect } = await createShopWorldOver(store.repositories, { orderCount: 1 })
    const { id } = await connect('acme')
    const result = await connectors.operator.sync.run(id, 'orders', {
      onPage: async ({ reject }) => reject(item as never),
    })
    expect(result).toMatchObject({ status: 'failed', kind: 'handler', error: { code: 'HANDLER_FAILED' } })
    if (result.status === 'failed') expect(result.error.cause).toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('a reason of any length and text is kept short and storable', async () => {
    const store = await open()
    const { connectors, connect } = await createShopWorldOver(store.repositories, { orderCount: 1 })
    const { id } = await connect('acme')
    const { rejected } = await connectors.operator.sync.run(id, 'orders', {
      onPage: async ({ reject }) => reject({ externalId: 'x'.repeat(1_000), reason: `a\0b${'y'.repeat(10_000)}` }),
    })
    expect(rejected.map(({ externalId, reason }) => [externalId.length, reason.length, reason.slice(0, 3)])).toEqual([
      [200, 500, 'aby'],
    ])
  })
})

import { describe, expect, expectTypeOf, test } from 'vitest'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import { createShopWorldOver } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

describe.each(testStores)('on $name', ({ open }) => {
  /** A world with 25 orders (three pages), whose handler writes to a system of its own. */
  async function worldWritingElsewhere() {
    const store = await open()
    const elsewhere: string[] = []
    const sweeps: number[] = []
    const trouble = { onPage: async () => {}, onTransaction: () => {} }
    const world = await createShopWorldOver(
      {
        ...store.repositories,
        transaction: async (work, limits) => {
          trouble.onTransaction()
          return store.repositories.transaction(work, limits)
        },
      },
      {
        orderCount: 25,
        handlers: {
          'shop.orders': {
            atLeastOnce: {
              onPage: async (context) => {
                expectTypeOf(context.items).toEqualTypeOf<readonly { id: string; total: string }[]>()
                expectTypeOf(context).not.toHaveProperty('tx')
                expect('tx' in context).toBe(false)
                // It is outside of any transaction: the facade may be called.
                await world.connectors.operator.connections.get(context.connection.id)
                elsewhere.push(...context.items.map(({ id }) => id))
                await trouble.onPage()
              },
              onSweep: async ({ generation }) => void sweeps.push(generation),
            },
          },
        },
      },
    )
    const { id } = await world.connect('acme')
    return { ...world, id, sync: world.connectors.forTenant('acme').sync, elsewhere, sweeps, trouble }
  }

  test('a handler outside of the transaction runs before the cursor moves, and the result says so', async () => {
    const { sync, id, elsewhere, server } = await worldWritingElsewhere()
    const result = await sync.run(id, 'orders')
    expect(result).toMatchObject({ status: 'completed', guarantee: 'at-least-once', pageCount: 3, itemCount: 25 })
    expect(elsewhere).toEqual(server.orders.map((order) => order.id))
    expect(await sync.page(id, 'orders', { onPage: async () => {} })).toMatchObject({ guarantee: 'exactly-once' })
  })

  test('a page whose cursor could not be moved is handled again, and none is skipped', async () => {
    const { sync, id, elsewhere, trouble, server } = await worldWritingElsewhere()
    let commits = 0
    trouble.onTransaction = () => {
      if (++commits === 2) throw new ConnectorsError('STORE_UNAVAILABLE', 'gone')
    }
    expect(await sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'transient', cursor: 10 })
    expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 15 })
    expect(new Set(elsewhere)).toEqual(new Set(server.orders.map((order) => order.id)))
    expect(elsewhere).toHaveLength(35)
  })

  test('a handler that fails moves nothing', async () => {
    const { sync, id, trouble } = await worldWritingElsewhere()
    trouble.onPage = () => Promise.reject(new Error('the other system is away'))
    const result = await sync.run(id, 'orders')
    expect(result).toMatchObject({ status: 'failed', kind: 'handler', cursor: null, error: { code: 'HANDLER_FAILED' } })
  })

  test('the sweep comes before the end of a full pass is written, and not after the run was called off', async () => {
    const { sync, id, sweeps, trouble, elsewhere } = await worldWritingElsewhere()
    await sync.run(id, 'orders')
    expect(sweeps).toEqual([])
    expect(await sync.full(id, 'orders')).toMatchObject({ status: 'completed', guarantee: 'at-least-once' })
    expect(sweeps).toEqual([1])

    await sync.full(id, 'orders', { maxPages: 2 })
    const abort = new AbortController()
    trouble.onPage = async () => abort.abort()
    const before = elsewhere.length
    const stopped = await sync.run(id, 'orders', { signal: abort.signal })
    expect(stopped).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 0, cursor: 20 })
    expect(elsewhere).toHaveLength(before + 5)
    trouble.onPage = async () => {}
    expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 5 })
    expect(sweeps).toEqual([1, 2])
  })

  test('rejects over the budget keep the cursor and the sweep from happening', async () => {
    const { sync, id } = await worldWritingElsewhere()
    const sweeps: string[] = []
    const result = await sync.full(id, 'orders', {
      maxRejected: 4,
      onPage: {
        atLeastOnce: {
          onPage: async ({ items, reject }) => {
            if (items.length < 10) for (const { id } of items) reject({ externalId: id, reason: 'unknown' })
          },
          onSweep: async () => void sweeps.push('swept'),
        },
      },
    })
    expect(result).toMatchObject({ status: 'failed', pageCount: 2, cursor: 20, error: { code: 'TOO_MANY_REJECTED' } })
    expect(sweeps).toEqual([])
  })
})

import { describe, expect, expectTypeOf, test } from 'vitest'
import type { MemoryTransaction } from '../../src/adapters/memory/memory-repositories.ts'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'
import { unreliableStore } from '../support/unreliable-store.ts'

/** An order of the user's: the full pass that saw it last, and when it was written. */
interface Row {
  readonly generation: number
  readonly writtenAt: Date
}

const isGone = (row: Row, sweep: { readonly generation: number; readonly startedAt: Date }) =>
  row.generation < sweep.generation && row.writtenAt < sweep.startedAt

/** A world with 25 orders (three pages), and a table of them that is swept. */
async function sweptWorld({ behindMs = 0 } = {}) {
  const sweeps: { generation: number; startedAt: Date; runId: string }[] = []
  const repositories = memoryRepositories<string>()
  const rows = (tx: MemoryTransaction) => tx.table<Row>('orders')
  const world = await createShopWorldOver(repositories, {
    orderCount: 25,
    handlers: {
      'shop.orders': {
        onPage: async ({ items, generation, tx }) => {
          for (const { id } of items) rows(tx).set(id, { generation, writtenAt: world.clock.now() })
        },
        onSweep: async ({ generation, startedAt, runId, tx }) => {
          sweeps.push({ generation, startedAt, runId })
          for (const [id, row] of rows(tx).entries()) if (isGone(row, { generation, startedAt })) rows(tx).delete(id)
        },
      },
    },
  })
  // Another process writes what webhooks tell, by its own clock.
  world.connectors.webhooks.handle('order.created', async ({ event, tx }) => {
    rows(tx).set(event.orderId, { generation: 0, writtenAt: new Date(world.clock.now().getTime() - behindMs) })
  })
  const { id } = await world.connect('acme')
  const { sync, webhooks } = world.connectors.forTenant('acme')
  const hear = async (orderId: string) => {
    const body = JSON.stringify({ type: 'order.created', orderId })
    const received = await webhooks.receive(id, shopDelivery(body, { deliveryId: orderId }))
    if (received.status !== 'accepted') throw new Error(received.status)
    expect(await webhooks.process(received.event.id)).toMatchObject({ status: 'processed' })
  }
  return { ...world, id, sync, hear, sweeps, ids: () => [...repositories.table('orders').keys()].sort() }
}

test('the end of a full pass sweeps what is gone, in the run that ends it and in no other', async () => {
  const { sync, id, sweeps, ids, server, clock } = await sweptWorld()
  await sync.run(id, 'orders')
  expect(sweeps).toEqual([])
  const [gone] = server.orders.splice(3, 1)
  await clock.advance(3_600_000)
  const startedAt = clock.now()
  const result = await sync.full(id, 'orders')
  expect(result).toMatchObject({ status: 'completed', itemCount: 24 })
  // Ten seconds earlier, for clocks may differ.
  expect(sweeps).toEqual([{ generation: 1, startedAt: new Date(startedAt.getTime() - 10_000), runId: result.runId }])
  expect(ids()).toHaveLength(24)
  expect(ids()).not.toContain(gone?.id)
  await sync.run(id, 'orders')
  expect(sweeps).toHaveLength(1)
})

test('what a webhook creates during a long full pass survives it, though the pass has not seen it', async () => {
  const { sync, id, ids, hear, clock } = await sweptWorld()
  await sync.run(id, 'orders')
  await clock.advance(3_600_000)
  await sync.full(id, 'orders', { maxPages: 1 })
  await clock.advance(3_600_000)
  await hear('made-meanwhile')
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
  expect(ids()).toContain('made-meanwhile')
  // The next pass hasn't seen it either, and by then it is old enough to be gone.
  await clock.advance(3_600_000)
  await sync.full(id, 'orders')
  expect(ids()).not.toContain('made-meanwhile')
  expect(ids()).toHaveLength(25)
})

test('so does what was written by a clock that is slow, as far as clocks may differ', async () => {
  const { sync, id, ids, hear, clock } = await sweptWorld({ behindMs: 9_000 })
  await sync.run(id, 'orders')
  await clock.advance(3_600_000)
  await sync.full(id, 'orders', { maxPages: 1 })
  await hear('made-meanwhile')
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
  expect(ids()).toContain('made-meanwhile')
})

test('an interrupted full pass goes on as it began, and sweeps at its end only', async () => {
  const { sync, id, sweeps, server, clock } = await sweptWorld()
  await sync.run(id, 'orders')
  await clock.advance(3_600_000)
  const startedAt = clock.now()
  await sync.full(id, 'orders', { maxPages: 1 })
  await clock.advance(60_000)
  server.intercept = (_request, response) => {
    response.writeHead(404).end('{}')
    return true
  }
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'failed' })
  server.intercept = null
  expect(await sync.page(id, 'orders')).toMatchObject({ status: 'partial', cursor: 20 })
  expect(sweeps).toEqual([])
  expect(await sync.state(id, 'orders')).toMatchObject({ mode: 'full', generation: 1, generationStartedAt: startedAt })
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 5 })
  expect(sweeps).toMatchObject([{ generation: 1, startedAt: new Date(startedAt.getTime() - 10_000) }])
  expect(await sync.state(id, 'orders')).toMatchObject({ mode: 'incremental', generation: 1 })
})

test('a full pass that is begun anew never sweeps for the one that it replaces', async () => {
  const { sync, id, sweeps, clock, ids } = await sweptWorld()
  await sync.full(id, 'orders', { maxPages: 2 })
  await clock.advance(60_000)
  await sync.full(id, 'orders')
  expect(sweeps).toMatchObject([{ generation: 2, startedAt: new Date(clock.now().getTime() - 10_000) }])
  expect(ids()).toHaveLength(25)
})

test('a run under its own key does not sweep with the registered handler, but with its own', async () => {
  const { sync, id, sweeps, ids, clock } = await sweptWorld()
  await sync.run(id, 'orders')
  await clock.advance(3_600_000)
  const fetch = async () => ({ items: [], cursor: null, hasMore: false })
  expect(await sync.full(id, 'orders', { stateKey: 'orders:part', fetch })).toMatchObject({ status: 'completed' })
  expect(sweeps).toEqual([])
  expect(ids()).toHaveLength(25)
  const own: unknown[] = []
  await sync.full(id, 'orders', {
    stateKey: 'orders:part',
    fetch,
    onPage: {
      onPage: async () => {},
      onSweep: async ({ stateKey, generation }) => void own.push([stateKey, generation]),
    },
  })
  expect(own).toEqual([['orders:part', 2]])
})

describe.each(testStores)('on $name', ({ open }) => {
  test('a sweep that fails takes the last page with it, and both come again', async () => {
    const store = await open()
    let isBroken = true
    let sweepCount = 0
    const { connectors, connect } = await createShopWorldOver(store.repositories, {
      orderCount: 12,
      handlers: {
        'shop.orders': {
          prepare:
            async ({ items }) =>
            async ({ tx }) => {
              for (const { id } of items) await store.write(tx, id)
            },
          onSweep: async ({ tx }) => {
            sweepCount += 1
            await store.write(tx, `sweep ${sweepCount}`)
            if (isBroken) throw new Error('the broom is broken')
          },
        },
      },
    })
    const { id } = await connect('acme')
    const { sync } = connectors.forTenant('acme')
    const failed = await sync.full(id, 'orders')
    expect(failed).toMatchObject({ status: 'failed', kind: 'handler', pageCount: 1, error: { code: 'HANDLER_FAILED' } })
    if (failed.status === 'failed') expect(failed.error.message).toMatch(/onSweep.*the broom is broken/)
    expect(await store.keys()).toHaveLength(10)
    expect(await sync.state(id, 'orders')).toMatchObject({ mode: 'full', cursor: '10' })
    isBroken = false
    expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 2 })
    expect(await store.keys()).toHaveLength(13)
    expect(await store.keys()).toContain('sweep 2')
  })

  test('a facade call inside of a sweep is refused, and the end of the pass rolled back', async () => {
    const store = await open()
    const { connectors, connect } = await createShopWorldOver(store.repositories, { orderCount: 3 })
    const { id } = await connect('acme')
    const result = await connectors.operator.sync.full(id, 'orders', {
      onPage: {
        onPage: async ({ items, tx }) => {
          for (const item of items) await store.write(tx, item.id)
        },
        onSweep: async () => void (await connectors.operator.sync.state(id, 'orders').catch(() => null)),
      },
    })
    expect(result).toMatchObject({ status: 'failed', kind: 'handler', error: { code: 'INSIDE_TRANSACTION' } })
    expect(await store.keys()).toEqual([])
    expect(await connectors.operator.sync.state(id, 'orders')).toMatchObject({ mode: 'full', cursor: null })
  })

  test('a sweep has its effects once, whether its COMMIT is answered or its work run again', async () => {
    const store = await open()
    const sweeps: number[] = []
    const repositories = unreliableStore(store.repositories, { losesAnswer: () => true, runsAgain: () => true })
    const { connectors, connect } = await createShopWorldOver(repositories, {
      orderCount: 3,
      handlers: {
        'shop.orders': {
          onPage: async () => {},
          onSweep: async ({ tx, generation }) => {
            sweeps.push(generation)
            await store.write(tx, `sweep ${generation}`)
          },
        },
      },
    })
    const { id } = await connect('acme')
    expect(await connectors.operator.sync.full(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 1 })
    expect(sweeps).toEqual([1, 1])
    expect(await store.keys()).toEqual(['sweep 1'])
  })
})

test('a handler with a sweep is typed like any other, and a wrong one is refused', async () => {
  await createShopWorld({
    handlers: {
      'shop.orders': {
        onPage: async ({ items, tx }) => {
          expectTypeOf(items).toEqualTypeOf<readonly { id: string; total: string }[]>()
          expectTypeOf(tx).toEqualTypeOf<MemoryTransaction>()
        },
        onSweep: async ({ startedAt, tx, connection }) => {
          expectTypeOf(startedAt).toEqualTypeOf<Date>()
          expectTypeOf(tx).toEqualTypeOf<MemoryTransaction>()
          expectTypeOf(connection.tenantId).toEqualTypeOf<string>()
        },
      },
    },
  })
  const noop = async () => {}
  const wrong = [
    { onSweep: noop },
    { onPage: noop, onSweep: 5 },
    { onPage: noop, prepare: noop },
    { atLeastOnce: noop },
    { atLeastOnce: { onPage: noop }, onSweep: noop },
    { atLeastOnce: { onPage: noop, onSweep: 5 } },
  ]
  for (const handler of wrong) {
    await expect(createShopWorld({ handlers: { 'shop.orders': handler as never } })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('onPage()'),
    })
  }
})

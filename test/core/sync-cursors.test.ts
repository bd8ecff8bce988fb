import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/core/domain/json.ts'
import type { FetchRequest } from '../../src/core/domain/provider.ts'
import { shopFetching } from '../support/shop-fetching.ts'
import { createShopWorldOver } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

describe.each(testStores)('on $name', ({ open }) => {
  async function worldFetching(fetch: (request: FetchRequest) => Promise<unknown>) {
    const store = await open()
    const handled: unknown[][] = []
    const world = await createShopWorldOver(store.repositories, {
      providers: [shopFetching(fetch)],
      handlers: { 'shop.orders': async ({ items }) => void handled.push([...items]) },
    })
    const { id } = await world.connect('acme')
    return { ...world, id, handled, acme: world.connectors.forTenant('acme') }
  }

  const cursors: readonly Json[] = [
    '',
    0,
    false,
    -1.5,
    'null',
    [],
    {},
    { since: '2026-01-01T00:00:00Z', page: { url: '/x?a=1&b=2', seen: ['ü', '💶', 'it\'s "quoted"'] }, none: null },
    [[['deep']], null, true],
    'NUL \0 and half a pair \ud800',
    'x'.repeat(100_000),
    2 ** 53,
  ]
  test.each(cursors.map((cursor) => [JSON.stringify(cursor).slice(0, 40), cursor] as const))(
    'the cursor %s comes back exactly, within a run and in the next one',
    async (_text, cursor) => {
      const asked: Json[] = []
      const { acme, id } = await worldFetching(async (request) => {
        asked.push(request.cursor)
        return { items: [], cursor, hasMore: asked.length === 1 }
      })
      // A page that repeats its cursor and says there is more is refused, so the second page ends the run.
      expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 2, cursor })
      await acme.sync.run(id, 'orders')
      expect(asked).toEqual([null, cursor, cursor])
    },
  )

  test.each([
    ['of two', ['a', 'b', 'a']],
    ['of three that is entered late', ['a', 'b', 'c', 'd', 'e', 'c']],
    ['of one, after a page in between', [{ page: 1 }, { page: 2 }, { page: 1 }]],
  ])('cursors that go round in a circle %s end the run, and what was committed stays', async (_what, circle) => {
    let calls = 0
    const { acme, id } = await worldFetching(async ({ cursor }) => {
      calls += 1
      const at = circle.findIndex((known) => JSON.stringify(known) === JSON.stringify(cursor))
      return { items: [], cursor: circle[at + 1], hasMore: true }
    })
    const result = await acme.sync.run(id, 'orders', { maxPages: 1_000 })
    expect(result).toMatchObject({
      status: 'failed',
      kind: 'provider',
      error: { code: 'PROVIDER_FAILED', message: expect.stringMatching(/testshop\.orders.*circles/) },
    })
    expect(calls).toBeLessThan(30)
    expect(calls).toBe(result.pageCount + 1)
    expect(await acme.sync.state(id, 'orders')).toMatchObject({ errorCount: 1, isRunning: false })
  })

  test('a circle that no single run walks through is noticed all the same', async () => {
    const circle: Readonly<Record<string, string>> = { a: 'b', b: 'c', c: 'd', d: 'e', e: 'a' }
    const { acme, id } = await worldFetching(async ({ cursor }) => ({
      items: [],
      cursor: circle[String(cursor)] ?? 'a',
      hasMore: true,
    }))
    const results = []
    for (let page = 0; page < 30 && results.at(-1) !== 'failed'; page += 1) {
      results.push((await acme.sync.page(id, 'orders')).status)
    }
    expect(results.at(-1)).toBe('failed')
    // A new pass begins without a past.
    expect(await acme.sync.full(id, 'orders', { maxPages: 5 })).toMatchObject({ status: 'partial', cursor: 'e' })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'failed', error: { code: 'PROVIDER_FAILED' } })
    expect(Object.keys((await acme.sync.state(id, 'orders')) ?? {})).not.toContain('trail')
  })

  test('a cursor that is where an earlier run ended is no circle: nothing new came meanwhile', async () => {
    const { acme, id } = await worldFetching(async ({ cursor }) =>
      cursor === 'end' ? { items: [], cursor: 'end', hasMore: false } : { items: [], cursor: 'end', hasMore: true },
    )
    for (const pageCount of [2, 1, 1]) {
      expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount, cursor: 'end' })
    }
  })

  test('null means from the beginning', async () => {
    const asked: Json[] = []
    const { acme, id } = await worldFetching(async ({ cursor }) => {
      asked.push(cursor)
      return { items: [], cursor: null, hasMore: false }
    })
    expect(await acme.sync.run(id, 'orders')).toMatchObject({ status: 'completed', cursor: null })
    await acme.sync.run(id, 'orders')
    expect(asked).toEqual([null, null])
    expect(await acme.sync.state(id, 'orders')).toMatchObject({ cursor: null, status: 'completed' })
  })
})

describe('a page that is none', () => {
  const circular: unknown[] = []
  circular.push(circular)
  const wrong: readonly (readonly [string, unknown])[] = [
    ['is undefined', undefined],
    ['is null', null],
    ['is a list', []],
    ['has no items', { cursor: 'a', hasMore: false }],
    ['has items that are no list', { items: { length: 0 }, cursor: 'a', hasMore: false }],
    ['has no hasMore', { items: [], cursor: 'a' }],
    ['has no cursor', { items: [], hasMore: false }],
    ['has a bigint for a cursor', { items: [], cursor: 1n, hasMore: false }],
    ['has a function for a cursor', { items: [], cursor: () => 1, hasMore: false }],
    ['has a symbol for a cursor', { items: [], cursor: Symbol('a'), hasMore: false }],
    ['has NaN for a cursor', { items: [], cursor: Number.NaN, hasMore: false }],
    ['has a date in its cursor', { items: [], cursor: { since: new Date(0) }, hasMore: false }],
    ['has a map in its cursor', { items: [], cursor: [new Map([['a', 1]])], hasMore: false }],
    ['has a hole in its cursor', { items: [], cursor: [undefined], hasMore: false }],
    ['has a circular cursor', { items: [], cursor: circular, hasMore: false }],
    ['says there is more, from the beginning', { items: [], cursor: null, hasMore: true }],
  ]
  test.each(wrong)('that %s fails the run and moves nothing', async (_what, page) => {
    const [memory] = testStores
    const store = await memory?.open()
    if (store === undefined) throw new Error('unreachable')
    let isFirst = true
    let calls = 0
    const { connectors, connect } = await createShopWorldOver(store.repositories, {
      providers: [
        shopFetching(async () => {
          const first = { items: [], cursor: 'first', hasMore: true }
          const answer = isFirst ? first : page
          isFirst = false
          return answer
        }),
      ],
      handlers: {
        'shop.orders': async () => {
          calls += 1
        },
      },
    })
    const { id } = await connect('acme')
    const { sync } = connectors.forTenant('acme')
    const result = await sync.run(id, 'orders')
    expect(result).toMatchObject({
      status: 'failed',
      kind: 'provider',
      cursor: 'first',
      error: { code: 'PROVIDER_FAILED', message: expect.stringContaining('testshop.orders') },
    })
    expect(calls).toBe(1)
    expect(await sync.state(id, 'orders')).toMatchObject({ cursor: '"first"', errorCount: 1, isRunning: false })
  })
})

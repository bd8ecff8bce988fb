import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createShopWorldOver } from '../support/shop-world.ts'

async function worldWithOrders() {
  const repositories = memoryRepositories<string>()
  const world = await createShopWorldOver(repositories, { orderCount: 25, handlers: { 'shop.orders': async () => {} } })
  const { id } = await world.connect('acme')
  world.server.requests.length = 0
  return { ...world, id, sync: world.connectors.forTenant('acme').sync }
}

test.each([
  [null, 'null'],
  [5, 'a number'],
  [[], 'an array'],
  [{ signal: 5 }, 'signal'],
  [{ signal: null }, 'signal'],
  [{ signal: { aborted: false } }, 'signal'],
  [{ maxPages: 0 }, 'maxPages'],
  [{ maxPages: '3' }, 'maxPages'],
  [{ maxPages: 1.5 }, 'maxPages'],
  [{ maxPages: null }, 'maxPages'],
  [{ maxMs: 0 }, 'maxMs'],
  [{ maxMs: Number.NaN }, 'maxMs'],
  [{ maxMs: '1000' }, 'maxMs'],
  [{ maxpages: 1 }, /"maxpages".*maxPages, maxMs, signal, provider, fetch/],
])('the budget %o is refused, names the mistake and keeps no lease', async (budget, says) => {
  const { sync, id, server } = await worldWithOrders()
  for (const run of [sync.run, sync.full]) {
    await expect(run(id, 'orders', budget as never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(says),
    })
  }
  expect(server.requests).toEqual([])
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3 })
})

test.each([
  [null, 'null'],
  [{ signal: 5 }, 'signal'],
  [{ maxPages: 2 }, 'maxPages'],
])('the options %o of a page are refused', async (options, says) => {
  const { sync, id, server } = await worldWithOrders()
  await expect(sync.page(id, 'orders', options as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining(says),
  })
  expect(server.requests).toEqual([])
})

test('what is undefined in a budget counts as absent', async () => {
  const { sync, id } = await worldWithOrders()
  const budget = { maxPages: undefined, maxMs: Number.POSITIVE_INFINITY, signal: undefined }
  expect(await sync.run(id, 'orders', budget as never)).toMatchObject({ status: 'completed' })
})

test('a run that breaks at its very beginning gives its lease back', async () => {
  const { sync, id } = await worldWithOrders()
  const { signal } = new AbortController()
  const broken = {
    aborted: false,
    removeEventListener: signal.removeEventListener,
    addEventListener: () => {
      throw new TypeError('no such listener')
    },
  }
  await expect(sync.run(id, 'orders', { signal: broken as never })).rejects.toThrow('no such listener')
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3 })
})

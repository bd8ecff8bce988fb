import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'

test('a list can be walked, taken page by page, or taken whole', async () => {
  const { connectors, connect } = await createShopWorld()
  const ids: string[] = []
  for (let index = 0; index < 5; index += 1) ids.push((await connect('acme', { test: false })).id)
  await connect('globex', { test: false })
  const listing = connectors.forTenant('acme').connections.list()

  const walked: string[] = []
  for await (const { id } of listing) walked.push(id)
  expect(walked).toEqual(ids)
  expect((await listing.all()).map(({ id }) => id)).toEqual(ids)

  const first = await listing.page({ limit: 3 })
  const second = await listing.page({ limit: 3, after: first.next })
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids)
  expect(second.next).toBeNull()
})

test('a list longer than a page is walked to its end', async () => {
  const { connectors, connect } = await createShopWorld()
  for (let index = 0; index < 205; index += 1) await connect('acme', { test: false })
  const all = await connectors.forTenant('acme').connections.list().all()
  expect(new Set(all.map(({ id }) => id)).size).toBe(205)
})

test.each([0, -1, 1.5, 1_001, Number.NaN])('a page of %s rows is refused', async (limit) => {
  const { connectors } = await createShopWorld()
  await expect(connectors.forTenant('acme').connections.list().page({ limit })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
})

import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import type { ConnectionVerbs } from '../../src/core/connectors.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver } from '../support/shop-world.ts'
import { temporarySqlite } from '../support/temporary-sqlite.ts'

const settings = { url: 'https://shop.test' }
const nowhere = '019a0000-0000-7000-8000-000000000000'

/** Every verb on one connection, as a tenant or an operator calls it. */
type Verbs = Omit<ConnectionVerbs<typeof shop, string>, 'create'>
const verbs: Record<Exclude<keyof Verbs, 'list'>, (connections: Verbs, id: string) => Promise<unknown>> = {
  get: (connections, id) => connections.get(id),
  update: (connections, id) => connections.update(id, { displayName: 'Mine now' }),
  validateSettings: (connections, id) => connections.validateSettings(id, settings),
  updateSettings: (connections, id) => connections.updateSettings(id, settings),
  rotateCredentials: (connections, id) => connections.rotateCredentials(id, { token: 'stolen' }),
  rotateWebhookSecret: (connections, id) => connections.rotateWebhookSecret(id, { secret: 'stolen' }),
  disable: (connections, id) => connections.disable(id),
  pause: (connections, id) => connections.pause(id, { forMs: 60_000 }),
  resume: (connections, id) => connections.resume(id),
  test: (connections, id) => connections.test(id),
  enable: (connections, id) => connections.enable(id),
  choices: (connections, id) => connections.choices(id, 'currency'),
  adapter: (connections, id) => connections.adapter(id, shop),
  call: (connections, id) => connections.call(id, { method: 'ping', args: [] }),
  checkCall: (connections, id) => connections.checkCall(id, { method: 'ping', args: [] }),
  delete: (connections, id) => connections.delete(id),
}

test.each(Object.entries(verbs))('%s: a foreign connection is not found, and stays as it is', async (_name, call) => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect, server, events } = await createShopWorldOver(repositories)
  const { id } = await connect('acme')
  const row = await repositories.connections.find({ scope: operatorScope, id })
  const [sent, told] = [server.requests.length, events.length]
  const { connections } = connectors.forTenant('globex')
  const foreign = await call(connections, id).catch((error: unknown) => error)
  const absent = await call(connections, nowhere).catch((error: unknown) => error)
  expect(foreign).toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  // What is said about a foreign id is what is said about one that nobody has.
  expect(String(foreign).replace(id, '')).toBe(String(absent).replace(nowhere, ''))
  expect(await repositories.connections.find({ scope: operatorScope, id })).toEqual(row)
  expect([server.requests.length, events.length]).toEqual([sent, told])
})

test.each(Object.entries(verbs))('%s: a deleted connection is not found', async (_name, call) => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  await connections.delete(id)
  await expect(call(connections, id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  await expect(call(connectors.operator.connections, id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test.each(Object.entries(verbs))('%s: an operator reaches the connections of every tenant', async (_name, call) => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('globex', { token: 'token-of-globex' })
  await call(connectors.operator.connections, id)
})

test('what is no id names no connection, in a real database either', async () => {
  const { prisma } = await temporarySqlite()
  const { connectors, connect } = await createShopWorldOver(prismaRepositories(prisma))
  const made = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  // To a database client, `undefined` can mean any row, and an object a condition.
  for (const id of [undefined, null, 7, 7n, { not: '' }, '']) {
    for (const [name, call] of Object.entries(verbs)) {
      await expect(call(connections, id as never), name).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    }
  }
  await expect(connections.get(made.id)).resolves.toMatchObject({ displayName: 'Test shop', isEnabled: true })
})

test('a list shows the connections of the tenant, an operator those of all', async () => {
  const { connectors, connect } = await createShopWorld()
  const mine = [await connect('acme'), await connect('acme', { test: false })]
  const other = await connect('globex', { token: 'token-of-globex' })
  const idsOf = async (listing: AsyncIterable<{ readonly id: string }>) => {
    const ids: string[] = []
    for await (const { id } of listing) ids.push(id)
    return ids
  }
  expect(await idsOf(connectors.forTenant('acme').connections.list())).toEqual(mine.map(({ id }) => id))
  expect(await idsOf(connectors.forTenant('nobody').connections.list())).toEqual([])
  const { operator } = connectors
  expect(await idsOf(operator.connections.list())).toEqual([...mine, other].map(({ id }) => id))
  expect(await idsOf(operator.connections.list({ isConnected: false }))).toEqual([mine[1]?.id])
  expect(await idsOf(operator.connections.list({ family: 'payment' }))).toEqual([])
  expect(await idsOf(operator.connections.list({ provider: 'testshop', isEnabled: true }))).toHaveLength(3)
})

test('a list is read page by page, while more is added', async () => {
  const { connectors, connect } = await createShopWorld()
  for (let index = 0; index < 5; index += 1) await connect('acme', { test: false })
  const list = connectors.forTenant('acme').connections.list()
  const first = await list.page({ limit: 2 })
  const second = await list.page({ limit: 2, after: first.next })
  await connect('acme', { test: false })
  const third = await list.page({ limit: 2, after: second.next })
  expect([first.items.length, second.items.length, third.items.length]).toEqual([2, 2, 2])
  expect(third.next).toBeNull()
  expect(new Set([...first.items, ...second.items, ...third.items].map(({ id }) => id)).size).toBe(6)
  for (const limit of [0, 1_001, 1.5, Number.NaN]) {
    await expect(list.page({ limit })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  }
})

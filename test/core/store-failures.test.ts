import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

const diskFull = new Error('ENOSPC: the disk is full, while writing planted-secret')
const contained = expect.objectContaining({ code: 'STORE_FAILED', cause: diskFull })

/** A store that throws raw errors, outside of transactions and inside, as the test says. */
async function failingWorld() {
  const failing = { call: '' }
  const fail = (call: string) => {
    if (call === failing.call || failing.call === '*') throw diskFull
  }
  const memory = memoryRepositories<string>()
  const watched = watchedStore(memory, fail)
  const repositories: typeof memory = {
    ...memory,
    ...watched,
    transaction: async (work, limits) => {
      fail('begin')
      const result = await memory.transaction(
        ({ repositories: bound, tx }) => work({ repositories: watchedStore({ ...memory, ...bound }, fail), tx }),
        limits,
      )
      fail('commit')
      return result
    },
  }
  const world = await createShopWorldOver(repositories, {
    orderCount: 25,
    gateMaxAgeMs: 0,
    handlers: { 'shop.orders': async () => {} },
  })
  const { id } = await world.connect('acme')
  return { ...world, failing, id, tenant: world.connectors.forTenant('acme') }
}

const input = { credentials: { token: 'token-of-acme' }, settings: { url: 'https://shop.test' } }

test('whatever a store throws comes out as STORE_FAILED with the cause, and a message that tells no value', async () => {
  const { tenant, connectors, id, failing } = await failingWorld()
  const adapter = await tenant.connections.adapter(id, shop)
  failing.call = '*'
  const verbs = [
    () => tenant.connections.create(shop, input),
    () => tenant.connections.get(id),
    () => tenant.connections.list().page(),
    () => tenant.connections.update(id, { displayName: 'x' }),
    () => tenant.connections.disable(id),
    () => tenant.connections.enable(id),
    () => tenant.connections.test(id),
    () => tenant.connections.delete(id),
    () => adapter.ping(),
    () => tenant.sync.run(id, 'orders'),
    () => tenant.sync.state(id, 'orders'),
    () => tenant.webhooks.receive(id, shopDelivery('{}')),
    () => tenant.webhooks.process('x'),
    () => tenant.webhooks.processDue(),
    () => tenant.webhooks.list().page(),
    () => tenant.executions.list().page(),
    () => connectors.transaction(async () => {}),
  ]
  for (const verb of verbs) {
    const error = await verb().catch((thrown: unknown) => thrown)
    expect(error, String(verb)).toEqual(contained)
    expect(String(error), String(verb)).not.toContain('planted-secret')
  }
})

test('a store made of classes is served as well', async () => {
  const memory = memoryRepositories<string>()
  class Connections {
    readonly inner = memory.connections
    list: typeof memory.connections.list = (query) => this.inner.list(query)
    find(query: Parameters<typeof memory.connections.find>[0]) {
      return this.inner.find(query)
    }
    create() {
      throw diskFull
    }
  }
  const repositories = { ...memory, connections: Object.freeze(new Connections()) }
  // The verbs that aren't there are not called.
  const { connectors } = await createShopWorldOver(repositories as unknown as Repositories<string>)
  const { connections } = connectors.forTenant('acme')
  await expect(connections.get('x')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  await expect(connections.create(shop, input)).rejects.toEqual(contained)
})

describe('in a transaction', () => {
  test.each(['connections.create', 'begin', 'commit'])('a raw error of %s is contained', async (call) => {
    const { connectors, failing, events } = await failingWorld()
    const told = events.length
    failing.call = call
    const work = connectors.transaction(({ tenant }) => tenant('acme').connections.create(shop, input))
    await expect(work).rejects.toEqual(contained)
    expect(events.length).toBe(told)
  })

  test('the work sees it contained, the store as it is', async () => {
    const memory = memoryRepositories<string>()
    let seenByStore: unknown
    let seenByWork: unknown
    const { connectors } = await createShopWorldOver({
      ...memory,
      transaction: (work, limits) =>
        memory.transaction(({ repositories: bound, tx }) => {
          const create = () => Promise.reject(diskFull)
          const connections = { ...bound.connections, create }
          return work({ repositories: { ...bound, connections }, tx }).catch((error: unknown) => {
            seenByStore = error
            throw error
          })
        }, limits),
    })
    const work = connectors.transaction(async ({ tenant }) => {
      await tenant('acme')
        .connections.create(shop, input)
        .catch((error: unknown) => {
          seenByWork = error
          throw error
        })
    })
    await expect(work).rejects.toEqual(contained)
    // A store has to recognise its own errors, to run the work again.
    expect(seenByStore).toBe(diskFull)
    expect(seenByWork).toEqual(contained)
  })

  test.each([
    ['an error', new Error('changed my mind')],
    ['an error of ours', new ConnectorsError('CONFLICT', 'mine')],
    ['nothing', undefined],
    ['a string', 'no'],
  ])('%s that the work throws comes out as it is', async (_what, thrown) => {
    const { connectors } = await failingWorld()
    const outcome = await connectors
      .transaction(() => Promise.reject(thrown))
      .then(
        () => ['resolved'],
        (error: unknown) => ['rejected', error],
      )
    expect(outcome).toEqual(['rejected', thrown])
    expect(outcome[1]).toBe(thrown)
  })
})

test('a page whose COMMIT fails with a raw error is looked up, and counted if it happened', async () => {
  const { tenant, id, failing } = await failingWorld()
  failing.call = 'commit'
  expect(await tenant.sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
  failing.call = 'begin'
  expect(await tenant.sync.full(id, 'orders')).toMatchObject({ status: 'failed', error: contained, pageCount: 0 })
})

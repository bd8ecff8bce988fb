import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

/** Two processes over one store, with clocks that show the same time. */
async function twoProcesses(gateMaxAgeMs?: number) {
  const repositories = memoryRepositories<string>()
  const options = gateMaxAgeMs === undefined ? {} : { gateMaxAgeMs }
  const here = await createShopWorldOver(repositories, options)
  const there = await createShopWorldOver(repositories, { ...options, clock: here.clock })
  const { id } = await here.connect('acme')
  const adapter = await here.connectors.forTenant('acme').connections.adapter(id, shop)
  await adapter.ping()
  return { here, there, id, adapter, elsewhere: there.connectors.forTenant('acme').connections }
}

test('a connection that has never passed a test is closed, and no request is sent', async () => {
  const { connectors, connect, server } = await createShopWorld()
  const { id } = await connect('acme', { test: false })
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  await expect(adapter.ping()).rejects.toMatchObject({
    code: 'CONNECTION_NOT_OPERATIONAL',
    message: expect.stringContaining('connections.test()'),
  })
  expect(server.requests).toEqual([])
})

test('a test opens the gate for adapters that are held', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme', { test: false })
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  await connections.test(id)
  await expect(adapter.ping()).resolves.toEqual({ shop: 'test' })
})

test('this process sees its own writes at once', async () => {
  const { connectors, connect, server } = await createShopWorld()
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  await adapter.ping()
  await connections.disable(id)
  const sent = server.requests.length
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  expect(server.requests.length).toBe(sent)
  await connections.enable(id)
  await adapter.ping()
  await connections.delete(id)
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test("another process's disable arrives within gateMaxAgeMs", async () => {
  const { here, adapter, elsewhere, id } = await twoProcesses()
  await here.clock.advance(500)
  await elsewhere.disable(id)
  await here.clock.advance(499)
  await adapter.ping()
  await here.clock.advance(1)
  const sent = here.server.requests.length
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  expect(here.server.requests.length).toBe(sent)
})

test("with gateMaxAgeMs 0 another process's disable arrives at once", async () => {
  const { adapter, elsewhere, id } = await twoProcesses(0)
  await elsewhere.disable(id)
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
})

test("another process's deletion and new credentials arrive within gateMaxAgeMs", async () => {
  const { here, adapter, elsewhere, id } = await twoProcesses()
  here.server.tokens.delete('token-of-acme')
  here.server.tokens.add('new-token-of-acme')
  await elsewhere.rotateCredentials(id, { token: 'new-token-of-acme' })
  await here.clock.advance(1_000)
  await adapter.ping()
  await elsewhere.delete(id)
  await here.clock.advance(1_000)
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test('a run reads the connection as it is, not a copy', async () => {
  const repositories = memoryRepositories<string>()
  const handlers = { 'shop.orders': async () => {} }
  const here = await createShopWorldOver(repositories, { handlers })
  const there = await createShopWorldOver(repositories, { clock: here.clock })
  const { id } = await here.connect('acme')
  await there.connectors.forTenant('acme').connections.disable(id)
  const sent = here.server.requests.length
  expect(await here.connectors.forTenant('acme').sync.run(id, 'orders')).toMatchObject({ status: 'skipped' })
  expect(here.server.requests.length).toBe(sent)
})

test('a clock that is set back keeps no copy alive', async () => {
  const { here, adapter, elsewhere, id } = await twoProcesses()
  await elsewhere.disable(id)
  await here.clock.advance(-3_600_000)
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
})

test('a call that succeeds makes no round trip to the store', async () => {
  const calls: string[] = []
  const watched = watchedStore(memoryRepositories<string>(), (call) => void calls.push(call))
  const { connectors, connect, clock } = await createShopWorldOver(watched)
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  await adapter.ping()
  calls.length = 0
  for (let call = 0; call < 50; call += 1) await adapter.ping()
  expect(calls).toEqual([])
  await clock.advance(1_000)
  calls.length = 0
  // Of many calls that find the copy too old, one reads for all.
  await Promise.all(Array.from({ length: 20 }, () => adapter.ping()))
  expect(calls.filter((call) => call.startsWith('connections.'))).toEqual(['connections.find'])
})

test('a read that was slow does not undo what this process wrote meanwhile', async () => {
  const repositories = memoryRepositories<string>()
  let pause: Promise<void> | null = null
  const { connectors, connect, clock, server } = await createShopWorldOver({
    ...repositories,
    connections: {
      ...repositories.connections,
      find: async (query) => {
        const row = await repositories.connections.find(query)
        if (query.includeDeleted) await pause
        return row
      },
    },
  })
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  await clock.advance(1_000)
  const held: { go: () => void } = { go: () => {} }
  pause = new Promise((resolve) => {
    held.go = resolve
  })
  const during = adapter.ping().catch((error: unknown) => error)
  await connections.disable(id)
  pause = null
  const sent = server.requests.length
  held.go()
  expect(await during).toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  expect(server.requests.length).toBe(sent)
})

test('with gateMaxAgeMs 0 a call does not rely on a read that began before it', async () => {
  const repositories = memoryRepositories<string>()
  const pauses: (() => void)[] = []
  let isSlow = false
  const { connectors, connect, server } = await createShopWorldOver(
    {
      ...repositories,
      connections: {
        ...repositories.connections,
        find: async (query) => {
          const row = await repositories.connections.find(query)
          if (isSlow && query.includeDeleted) await new Promise<void>((resolve) => pauses.push(resolve))
          return row
        },
      },
    },
    { gateMaxAgeMs: 0 },
  )
  const other = await createShopWorldOver(repositories)
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  isSlow = true
  const before = adapter.ping().catch((error: unknown) => error)
  await expect.poll(() => pauses.length).toBe(1)
  await other.connectors.forTenant('acme').connections.disable(id)
  isSlow = false
  const sent = server.requests.length
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  expect(server.requests.length).toBe(sent)
  for (const go of pauses) go()
  await before
})

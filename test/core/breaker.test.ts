import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shop } from '../support/shop-provider.ts'
import type { ShopServer } from '../support/shop-server.ts'
import { createShopWorld, createShopWorldOver } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

const ignore = () => {}

/** Answers every request with one status until it is taken back. */
function answering(server: ShopServer, status: number): () => void {
  server.intercept = (_request, response) => {
    response.writeHead(status).end('{"message":"no"}')
    return true
  }
  return () => {
    server.intercept = null
  }
}

/** Holds requests back until they are let go. */
function holding(server: ShopServer) {
  const waiting: (() => void)[] = []
  let arrived = ignore
  server.intercept = async () => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      arrived()
    })
    return false
  }
  return {
    /** Resolves when so many requests wait. */
    until: (count: number) =>
      new Promise<void>((resolve) => {
        arrived = () => {
          if (waiting.length >= count) resolve()
        }
        arrived()
      }),
    /** Further requests pass; those that wait go on. */
    release: () => {
      server.intercept = null
      for (const go of waiting.splice(0)) go()
    },
  }
}

async function connected(options?: Parameters<typeof createShopWorld>[0]) {
  const world = await createShopWorld({ orderCount: 3, handlers: { 'shop.orders': async () => {} }, ...options })
  const { id } = await world.connect('acme')
  const tenant = world.connectors.forTenant('acme')
  return { ...world, id, tenant, adapter: await tenant.connections.adapter(id, shop) }
}

test('three refused calls in a row disable the connection, with one event, and then nothing is sent any more', async () => {
  const { tenant, adapter, id, server, eventsOf } = await connected()
  server.tokens.clear()
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  // Below the threshold the gate stays open.
  expect(await tenant.connections.get(id)).toMatchObject({ isEnabled: true, isConnected: true, authFailureCount: 2 })
  expect(eventsOf('connection.disabled')).toEqual([])
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  const view = await tenant.connections.get(id)
  expect(view).toMatchObject({ isEnabled: false, isConnected: false, isOperational: false, authFailureCount: 3 })
  expect(view.disabledReason).toMatch(/3 authentication failures in a row.*bad token/)
  expect(eventsOf('connection.disabled')).toMatchObject([{ connectionId: id, authFailureCount: 3 }])
  expect(eventsOf('connection.statusChanged').slice(1)).toMatchObject([
    { isConnected: false, isEnabled: false, previousConnected: true, previousEnabled: true },
  ])
  const sent = server.requests.length
  await expect(adapter.ping()).rejects.toMatchObject({
    code: 'CONNECTION_NOT_OPERATIONAL',
    message: expect.stringMatching(/disabled.*bad token.*connections\.enable\(\)/),
  })
  expect(await tenant.sync.run(id, 'orders')).toMatchObject({ status: 'skipped', reason: 'disabled' })
  expect(server.requests.length).toBe(sent)
})

test('calls, tests and syncs feed the same count', async () => {
  const { tenant, adapter, id, server, eventsOf } = await connected()
  server.tokens.clear()
  await adapter.ping().catch(ignore)
  expect(await tenant.sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'authentication' })
  expect(await tenant.connections.get(id)).toMatchObject({ authFailureCount: 2, isConnected: true })
  expect(await tenant.connections.test(id)).toMatchObject({
    status: 'refused',
    connection: { isEnabled: false, isConnected: false, authFailureCount: 3 },
  })
  expect(eventsOf('connection.disabled')).toHaveLength(1)
})

test('a success in between starts the count anew', async () => {
  const { tenant, adapter, id, server, clock } = await connected()
  for (let round = 0; round < 3; round += 1) {
    server.tokens.clear()
    await adapter.ping().catch(ignore)
    await adapter.ping().catch(ignore)
    server.tokens.add('token-of-acme')
    await clock.advance(1)
    await adapter.ping()
    expect(await tenant.connections.get(id)).toMatchObject({ isEnabled: true, authFailureCount: 0 })
  }
})

test('the threshold is an option', async () => {
  const { tenant, adapter, id, server } = await connected({ breaker: { threshold: 1 } })
  server.tokens.clear()
  await adapter.ping().catch(ignore)
  expect(await tenant.connections.get(id)).toMatchObject({ isEnabled: false, authFailureCount: 1 })
})

test('of twenty calls that fail at the same time all are counted, and one disables', async () => {
  const { tenant, adapter, id, server, eventsOf } = await connected()
  const held = holding(server)
  const calls = Array.from({ length: 20 }, () => adapter.ping().catch(ignore))
  await held.until(20)
  server.tokens.clear()
  held.release()
  await Promise.all(calls)
  expect(eventsOf('connection.disabled')).toHaveLength(1)
  expect(await tenant.connections.get(id)).toMatchObject({ isEnabled: false, authFailureCount: 20 })
})

test('of failures in several processes one disables', async () => {
  const repositories = memoryRepositories<string>()
  const one = await createShopWorldOver(repositories)
  const other = await createShopWorldOver(repositories)
  const { id } = await one.connect('acme')
  one.server.tokens.clear()
  const adapters = await Promise.all(
    [one, other].map(({ connectors }) => connectors.forTenant('acme').connections.adapter(id, shop)),
  )
  await Promise.all(adapters.flatMap((adapter) => Array.from({ length: 5 }, () => adapter.ping().catch(ignore))))
  expect([...one.eventsOf('connection.disabled'), ...other.eventsOf('connection.disabled')]).toHaveLength(1)
})

test.each([403, 404, 429, 500, 503])('an answer of %i never counts', async (status) => {
  const { tenant, adapter, id, server } = await connected()
  const restore = answering(server, status)
  for (let call = 0; call < 2; call += 1) await adapter.ping().catch(ignore)
  await tenant.sync.run(id, 'orders')
  await tenant.connections.test(id)
  expect(await tenant.connections.get(id)).toMatchObject({ isOperational: true, authFailureCount: 0 })
  restore()
  await adapter.ping()
})

test('a network failure never counts', async () => {
  const { tenant, adapter, id, server } = await connected()
  await server.close()
  for (let call = 0; call < 5; call += 1) {
    await expect(adapter.ping()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  }
  expect(await tenant.connections.get(id)).toMatchObject({ isEnabled: true, isConnected: true, authFailureCount: 0 })
})

test('calls that old credentials fail after their replacement are made again with the new ones, and count for nothing', async () => {
  const { tenant, adapter, id, server, clock, eventsOf } = await connected()
  const held = holding(server)
  const late = Array.from({ length: 5 }, () => adapter.ping().catch((error: unknown) => error))
  await held.until(5)
  server.tokens.clear()
  server.tokens.add('new-token-of-acme')
  await clock.advance(10)
  await tenant.connections.rotateCredentials(id, { token: 'new-token-of-acme' })
  held.release()
  expect(await Promise.all(late)).toEqual(Array.from({ length: 5 }, () => ({ shop: 'test' })))
  expect(await tenant.connections.get(id)).toMatchObject({ isOperational: true, authFailureCount: 0 })
  expect(eventsOf('connection.disabled')).toEqual([])
})

test('a call that old credentials fail is not made again with new ones once the connection is disabled', async () => {
  const { tenant, adapter, id, server } = await connected()
  const held = holding(server)
  const late = adapter.ping()
  await held.until(1)
  const sent = server.requests.length
  server.tokens.clear()
  server.tokens.add('new-token-of-acme')
  await tenant.connections.rotateCredentials(id, { token: 'new-token-of-acme' })
  await tenant.connections.disable(id, { reason: 'maintenance' })
  held.release()
  await expect(late).rejects.toMatchObject({
    code: 'CONNECTION_NOT_OPERATIONAL',
    message: expect.stringContaining('maintenance'),
  })
  expect(server.requests.length).toBe(sent)
})

test('a success of old credentials says nothing about new ones', async () => {
  const { tenant, adapter, id, server, clock } = await connected()
  const held = holding(server)
  const late = adapter.ping()
  await held.until(1)
  held.release()
  server.tokens.add('token-of-acme')
  await late
  const again = holding(server)
  const slow = adapter.ping()
  await again.until(1)
  await tenant.connections.rotateCredentials(id, { token: 'wrong-token' })
  await clock.advance(10)
  // The request with the old credentials still waits; one with the new ones is refused meanwhile.
  server.intercept = null
  await tenant.connections.test(id)
  await clock.advance(10)
  again.release()
  await slow
  expect(await tenant.connections.get(id)).toMatchObject({ isConnected: false, authFailureCount: 1 })
})

test('a success that began before the last failure does not reset the count', async () => {
  const { tenant, adapter, id, server, clock } = await connected()
  server.tokens.clear()
  await adapter.ping().catch(ignore)
  await clock.advance(10)
  const held = holding(server)
  const slow = adapter.ping()
  await held.until(1)
  await clock.advance(10)
  answering(server, 401)
  await adapter.ping().catch(ignore)
  server.tokens.add('token-of-acme')
  await clock.advance(10)
  held.release()
  await slow
  expect((await tenant.connections.get(id)).authFailureCount).toBe(2)
})

test('a late success on a connection that was disabled meanwhile changes nothing', async () => {
  const { tenant, adapter, id, server, clock, eventsOf } = await connected()
  answering(server, 401)
  await adapter.ping().catch(ignore)
  await clock.advance(10)
  const held = holding(server)
  const slow = adapter.ping()
  await held.until(1)
  await tenant.connections.disable(id, { reason: 'by hand' })
  const told = eventsOf('connection.statusChanged').length
  held.release()
  await slow
  expect(await tenant.connections.get(id)).toMatchObject({
    isEnabled: false,
    disabledReason: 'by hand',
    authFailureCount: 1,
  })
  expect(eventsOf('connection.statusChanged').length).toBe(told)
})

test('new credentials and enable() mend a connection that the breaker disabled', async () => {
  const { tenant, adapter, id, server, clock, eventsOf } = await connected()
  server.tokens.clear()
  for (let call = 0; call < 3; call += 1) await adapter.ping().catch(ignore)
  server.tokens.add('new-token-of-acme')
  await clock.advance(60_000)
  await tenant.connections.rotateCredentials(id, { token: 'new-token-of-acme' })
  expect(await tenant.connections.get(id)).toMatchObject({ isEnabled: false, authFailureCount: 0 })
  const outcome = await tenant.connections.enable(id)
  expect(outcome).toMatchObject({
    status: 'connected',
    connection: { isOperational: true, authFailureCount: 0, disabledReason: null },
  })
  await adapter.ping()
  expect(eventsOf('connection.enabled')).toHaveLength(1)
})

test('a refused call reaches its caller even if the failure can not be recorded', async () => {
  const repositories = memoryRepositories<string>()
  const watched = watchedStore(repositories, (call) => {
    if (call === 'connections.recordAuthFailure') throw new Error('the store is away')
  })
  const { connectors, connect, server, logLines } = await createShopWorldOver(watched)
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  server.tokens.clear()
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  expect(logLines.join()).toContain('an authentication failure could not be recorded')
})

test('a result reaches its caller even if the success can not be recorded', async () => {
  const repositories = memoryRepositories<string>()
  const watched = watchedStore(repositories, (call) => {
    if (call === 'connections.markConnected') throw new Error('the store is away')
  })
  const { connectors, connect, logLines } = await createShopWorldOver(watched)
  const { id } = await connect('acme', { test: false })
  const outcome = await connectors.forTenant('acme').connections.test(id)
  expect(outcome.connection.isConnected).toBe(false)
  expect(logLines.join()).toContain('the success of a call could not be recorded')
})

test('a process whose clock is behind the one that counted the failures can enable the connection', async () => {
  const repositories = memoryRepositories<string>()
  const ahead = await createShopWorldOver(repositories)
  const behind = await createShopWorldOver(repositories)
  await ahead.clock.advance(5_000)
  const { id } = await ahead.connect('acme')
  const { connections } = ahead.connectors.forTenant('acme')
  ahead.server.tokens.delete('token-of-acme')
  for (let call = 0; call < 3; call += 1) await connections.test(id)
  expect((await connections.get(id)).isEnabled).toBe(false)

  ahead.server.tokens.add('token-of-acme')
  const outcome = await behind.connectors.forTenant('acme').connections.enable(id)
  expect(outcome).toMatchObject({ status: 'connected', connection: { isConnected: true, isOperational: true } })
})

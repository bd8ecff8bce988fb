import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'

test('a test that the provider accepts connects', async () => {
  const { connectors, connect, eventsOf } = await createShopWorld()
  const { id } = await connect('acme', { test: false })
  const outcome = await connectors.forTenant('acme').connections.test(id)
  expect(outcome).toMatchObject({ status: 'connected', connection: { isConnected: true, isOperational: true } })
  expect(eventsOf('connection.statusChanged')).toMatchObject([
    { isConnected: true, isEnabled: true, previousConnected: false, previousEnabled: true },
  ])
})

test.each([
  [401, 'refused', { isConnected: false, authFailureCount: 1 }],
  [403, 'refused', { isConnected: true, authFailureCount: 0 }],
  [404, 'refused', { isConnected: true, authFailureCount: 0 }],
  [429, 'unreachable', { isConnected: true, authFailureCount: 0 }],
  [503, 'unreachable', { isConnected: true, authFailureCount: 0 }],
])('an answer of %i to a test means %s', async (status, expected, connection) => {
  const { connectors, connect, server } = await createShopWorld()
  const { id } = await connect('acme')
  server.intercept = (_request, response) => {
    response.writeHead(status).end('{"message":"says the shop"}')
    return true
  }
  const outcome = await connectors.forTenant('acme').connections.test(id)
  expect(outcome).toMatchObject({ status: expected, connection })
  expect(outcome.message).toContain('says the shop')
})

test('a provider that cannot be reached changes nothing', async () => {
  const { connectors, connect, server } = await createShopWorld()
  const { id } = await connect('acme')
  await server.close()
  const outcome = await connectors.forTenant('acme').connections.test(id)
  expect(outcome).toMatchObject({ status: 'unreachable', connection: { isConnected: true, authFailureCount: 0 } })
  expect(outcome.message).not.toBe('')
})

test('an answer that the provider code did not expect is no verdict on the credentials', async () => {
  const { connectors, connect, server } = await createShopWorld()
  const { id } = await connect('acme')
  server.intercept = (_request, response) => {
    response.writeHead(200).end('<html>')
    return true
  }
  const outcome = await connectors.forTenant('acme').connections.test(id)
  expect(outcome).toMatchObject({ status: 'unreachable', connection: { isConnected: true } })
})

test('disable closes the gate with a reason; enable opens it again and tests', async () => {
  const { connectors, connect, eventsOf } = await createShopWorld()
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const off = await connections.disable(id, { reason: 'unpaid' })
  expect(off).toMatchObject({ isEnabled: false, isConnected: true, isOperational: false, disabledReason: 'unpaid' })
  await connections.disable(id)
  expect(eventsOf('connection.disabled')).toMatchObject([{ connectionId: id, reason: 'unpaid' }])
  const on = await connections.enable(id)
  expect(on).toMatchObject({ status: 'connected', connection: { isEnabled: true, disabledReason: null } })
  expect(eventsOf('connection.enabled')).toHaveLength(1)
  await connections.enable(id)
  expect(eventsOf('connection.enabled')).toHaveLength(1)
})

test('enable answers what its test found', async () => {
  const { connectors, connect, server } = await createShopWorld()
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  await connections.disable(id)
  server.tokens.clear()
  expect(await connections.enable(id)).toMatchObject({
    status: 'refused',
    connection: { isEnabled: true, isConnected: false, isOperational: false, authFailureCount: 1 },
  })
})

test('a test of a disabled connection may find it connected, and leaves it disabled', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme', { test: false })
  const { connections } = connectors.forTenant('acme')
  await connections.disable(id)
  expect(await connections.test(id)).toMatchObject({
    status: 'connected',
    connection: { isConnected: true, isEnabled: false, isOperational: false },
  })
})

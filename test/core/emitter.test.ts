import { expect, test } from 'vitest'
import { createShopWorld, shopDelivery } from '../support/shop-world.ts'

const boom = () => {
  throw new Error('the listener failed')
}

test('listeners that throw or reject harm neither the operation nor each other, and are logged', async () => {
  const { connectors, connect, logLines } = await createShopWorld()
  const heard: string[] = []
  connectors.on('connection.created', boom)
  connectors.on('connection.created', async () => boom())
  connectors.on('connection.created', ({ tenantId }) => heard.push(tenantId))
  await connect('acme')
  await new Promise((resolve) => setImmediate(resolve))
  expect(heard).toEqual(['acme'])
  const failures = logLines.filter((line) => line.includes('a listener failed'))
  expect(failures).toHaveLength(2)
  for (const line of failures) expect(line).toMatch(/the listener failed.*connection\.created/)
})

test('nobody waits for a listener', async () => {
  const { connectors, connect } = await createShopWorld()
  connectors.on('connection.created', () => new Promise(() => {}))
  await connect('acme')
})

test('a listener that unsubscribed hears nothing more, the others do', async () => {
  const { connectors, connect } = await createShopWorld()
  const heard: string[] = []
  const listener = (name: string) => () => heard.push(name)
  const stop = connectors.on('connection.created', listener('first'))
  connectors.on('connection.created', listener('second'))
  await connect('acme', { test: false })
  stop()
  stop()
  await connect('acme', { test: false })
  expect(heard).toEqual(['first', 'second', 'second'])
})

test('one function that was subscribed twice is told twice, and unsubscribed one by one', async () => {
  const { connectors, connect } = await createShopWorld()
  let count = 0
  const listener = () => {
    count += 1
  }
  const stop = connectors.on('connection.created', listener)
  connectors.on('connection.created', listener)
  await connect('acme', { test: false })
  expect(count).toBe(2)
  stop()
  await connect('acme', { test: false })
  expect(count).toBe(3)
})

test('a listener may call verbs, and finds what it was told about', async () => {
  const { connectors, connect } = await createShopWorld()
  const found: Promise<boolean>[] = []
  connectors.on('connection.statusChanged', ({ tenantId, connectionId }) => {
    found.push(
      connectors
        .forTenant(tenantId)
        .connections.get(connectionId)
        .then(({ isConnected }) => isConnected),
    )
  })
  await connect('acme')
  expect(await Promise.all(found)).toEqual([true])
})

test('a name that no event has is refused, with the names there are', async () => {
  const { connectors } = await createShopWorld()
  for (const name of ['connection.create', '*', '']) {
    expect(() => connectors.on(name as 'connection.created', () => {})).toThrow(
      /There is no event.*connection\.created/,
    )
  }
})

test('each listener has an event of its own: what one does to it, no other sees, nor the caller', async () => {
  const { connectors, connect } = await createShopWorld({ orderCount: 1, handlers: { 'shop.orders': async () => {} } })
  const { id } = await connect('acme')
  const { connections, sync, webhooks } = connectors.forTenant('acme')
  const spoil = (value: unknown) => {
    if (typeof value !== 'object' || value === null || value instanceof Error) return
    if (value instanceof Date) value.setTime(0)
    if (value instanceof Uint8Array) value.fill(0)
    for (const [key, part] of Object.entries(value)) {
      spoil(part)
      Reflect.set(value, key, 'spoilt')
    }
  }
  const heard: unknown[] = []
  const names = ['connection.statusChanged', 'sync.completed', 'webhook.received'] as const
  for (const name of names) {
    connectors.on(name, spoil)
    connectors.on(name, (event) => heard.push(event))
  }
  const shown: unknown[] = [await sync.run(id, 'orders')]
  const body = '{"type":"order.created","orderId":"o1","lines":[{"at":1}]}'
  shown.push(await webhooks.receive(id, shopDelivery(body)))
  shown.push(await connections.disable(id))
  expect(heard).toHaveLength(3)
  expect(JSON.stringify([heard, shown])).not.toMatch(/spoilt|1970-/)
  expect(shown).toMatchObject([{ status: 'completed' }, { status: 'accepted' }, { isEnabled: false }])
})

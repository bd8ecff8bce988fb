import { expect, test } from 'vitest'
import { type MemoryTransaction, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'

const body = JSON.stringify({ type: 'order.created', orderId: 'o1' })
const nobody = '00000000-0000-7000-8000-000000000000'

function post(path: string, delivery: { headers: Record<string, string>; body: Uint8Array } = shopDelivery(body)) {
  const { headers } = delivery
  return new Request(`https://app.test${path}`, { method: 'POST', headers, body: Buffer.from(delivery.body) })
}
const unsigned = () => ({ headers: { 'content-type': 'application/json' }, body: Buffer.from(body) })

/** Everything of an answer that a sender can see. */
async function seen(response: Response) {
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}

async function worldWithConnection(
  repositories: Repositories<string, MemoryTransaction> = memoryRepositories<string>(),
  options: Parameters<typeof createShopWorld>[0] = {},
) {
  const world = await createShopWorldOver(repositories, options)
  const { id } = await world.connect('acme')
  return { ...world, id, answer: world.connectors.handler }
}

test('a genuine delivery is answered with 200 once it is stored, a repetition too', async () => {
  const { answer, id, connectors } = await worldWithConnection()
  // Without a text: some senders (Slack, Twilio) show it to people.
  expect(await seen(await answer(post(`/webhooks/${id}`)))).toMatchObject({ status: 200, body: '' })
  expect((await connectors.operator.webhooks.list().page()).items).toMatchObject([{ connectionId: id }])
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(200)
  expect((await connectors.operator.webhooks.list().page()).items).toMatchObject([{ deliveries: 2 }])
})

test('processing follows the answer, and does not hold it up', async () => {
  const { answer, id, connectors } = await worldWithConnection()
  let goOn = () => {}
  const opened = new Promise<void>((resolve) => {
    goOn = resolve
  })
  connectors.webhooks.handle('order.created', () => opened)
  const processed = new Promise((resolve) => connectors.on('webhook.processed', resolve))
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(200)
  goOn()
  expect(await processed).toMatchObject({ event: { status: 'processed' } })
})

test('a delivery whose processing fails was answered with 200, and is tried again from the row', async () => {
  const { answer, id, connectors, clock } = await worldWithConnection()
  let isBroken = true
  connectors.webhooks.handle('order.created', async () => {
    if (isBroken) throw new Error('not yet')
  })
  const failed = new Promise((resolve) => connectors.on('webhook.failed', resolve))
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(200)
  await failed
  isBroken = false
  await clock.advance(10_000)
  expect(await connectors.operator.webhooks.processDue()).toMatchObject([{ status: 'processed' }])
})

test('a repetition does not begin the next try before its time', async () => {
  const { answer, id, connectors, eventsOf } = await worldWithConnection()
  connectors.webhooks.handle('order.created', () => Promise.reject(new Error('not yet')))
  await answer(post(`/webhooks/${id}`))
  await expect.poll(() => eventsOf('webhook.failed')).toHaveLength(1)
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(200)
  await connectors.close()
  expect(eventsOf('webhook.failed')).toHaveLength(1)
})

test('nothing is lost when the store fails between the answer and the processing', async () => {
  const repositories = memoryRepositories<string>()
  let isDown = true
  const { answer, id, connectors, logLines } = await worldWithConnection({
    ...repositories,
    webhookEvents: {
      ...repositories.webhookEvents,
      claim: (...args) =>
        isDown
          ? Promise.reject(new ConnectorsError('STORE_UNAVAILABLE', 'the store is down'))
          : repositories.webhookEvents.claim(...args),
    },
  })
  connectors.webhooks.handle('order.created', async ({ event, tx }) => {
    tx.table('orders').set(event.orderId, event.orderId)
  })
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(200)
  await expect.poll(() => logLines.join()).toContain('a webhook could not be processed')
  isDown = false
  expect(await connectors.operator.webhooks.processDue()).toMatchObject([{ status: 'processed' }])
  expect([...repositories.table('orders').keys()]).toEqual(['o1'])
})

test('while nothing can be stored the sender is asked to come back, and then the delivery is accepted', async () => {
  const repositories = memoryRepositories<string>()
  let isDown = false
  const { answer, id, connectors, logLines } = await worldWithConnection({
    ...repositories,
    webhookEvents: {
      ...repositories.webhookEvents,
      insertIfAbsent: (event) =>
        isDown
          ? Promise.reject(new ConnectorsError('STORE_UNAVAILABLE', 'the store is down'))
          : repositories.webhookEvents.insertIfAbsent(event),
    },
  })
  isDown = true
  const response = await answer(post(`/webhooks/${id}`))
  expect(response.status).toBe(503)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await response.text()).not.toContain('store')
  expect(logLines.join()).toContain('the store is down')
  isDown = false
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(200)
  expect((await connectors.operator.webhooks.list().page()).items).toHaveLength(1)
})

test('a store that can not be read is no reason to say that a connection is unknown', async () => {
  const repositories = memoryRepositories<string>()
  let isDown = false
  const { answer, id, connectors } = await worldWithConnection(
    {
      ...repositories,
      connections: {
        ...repositories.connections,
        find: (query) =>
          isDown
            ? Promise.reject(new ConnectorsError('STORE_UNAVAILABLE', 'the store is down'))
            : repositories.connections.find(query),
      },
    },
    { gateMaxAgeMs: 0 },
  )
  isDown = true
  for (const delivery of [shopDelivery(body), unsigned()]) {
    expect((await answer(post(`/webhooks/${id}`, delivery))).status).toBe(503)
  }
  isDown = false
  expect((await connectors.operator.webhooks.list().page()).items).toEqual([])
})

test('an unknown connection and a bad signature get the same answer, byte for byte', async () => {
  const { answer, id, eventsOf } = await worldWithConnection()
  const answers = []
  for (const request of [
    post(`/webhooks/${id}`, unsigned()),
    post(`/webhooks/${id}`, shopDelivery(body, { secret: 'guess' })),
    post(`/webhooks/${nobody}`, unsigned()),
    post(`/webhooks/${nobody}`),
  ]) {
    answers.push(await seen(await answer(request)))
  }
  expect(answers[0]?.status).toBe(401)
  for (const other of answers) expect(other).toEqual(answers[0])
  expect(eventsOf('webhook.rejected')).toHaveLength(2)
})

test('a deleted connection is gone', async () => {
  const { answer, id, connectors } = await worldWithConnection()
  await connectors.forTenant('acme').connections.delete(id)
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(410)
})

test('a body over the limit is refused, for known and unknown connections alike', async () => {
  const { answer, id } = await worldWithConnection(undefined, { webhooks: { maxBodyBytes: 10 } })
  const known = await seen(await answer(post(`/webhooks/${id}`)))
  expect(known.status).toBe(413)
  expect(await seen(await answer(post(`/webhooks/${nobody}`)))).toEqual(known)
})

test('other methods are refused and told which one is right, whether there is such a connection or not', async () => {
  const { answer, id, eventsOf, connectors } = await worldWithConnection()
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const [known, unknown] = await Promise.all(
      [id, nobody].map(async (to) => seen(await answer(new Request(`https://app.test/webhooks/${to}`, { method })))),
    )
    expect(known?.status).toBe(405)
    expect(known?.headers).toContainEqual(['allow', 'POST'])
    expect(unknown).toEqual(known)
  }
  expect(eventsOf('webhook.rejected')).toEqual([])
  expect((await connectors.operator.webhooks.list().page()).items).toEqual([])
})

test('what is no address of a webhook is not found', async () => {
  const { answer, id } = await worldWithConnection()
  for (const path of [
    '/',
    '/webhooks',
    '/webhooks/',
    `/${id}`,
    `/webhook/${id}`,
    `/webhooksx/${id}`,
    `/api/webhooks/${id}`,
    `/webhooks/${id}/a/b`,
    `/webhooks/${id}%00`,
  ]) {
    expect((await answer(post(path))).status, path).toBe(404)
  }
})

test('an address may carry an action, a slash at its end and a query', async () => {
  const { answer, id } = await worldWithConnection()
  for (const path of [`/webhooks/${id}/order.created`, `/webhooks/${id}/`, `/webhooks/${id}?source=shop`]) {
    expect((await answer(post(path))).status, path).toBe(200)
  }
})

test('the path is an option', async () => {
  const { answer, id } = await worldWithConnection(undefined, { webhooks: { path: '/api/hooks' } })
  expect((await answer(post(`/api/hooks/${id}`))).status).toBe(200)
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(404)
})

test('a connection to a provider without webhooks looks like an unknown one', async () => {
  const silent: typeof shop = { ...shop, webhooks: null }
  const { answer, id } = await worldWithConnection(undefined, { providers: [silent] })
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(401)
})

test('a body that breaks off stores nothing, and the sender may come back', async () => {
  const { answer, id, connectors } = await worldWithConnection()
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('socket hang up')),
  })
  const { headers } = shopDelivery(body)
  const init = { method: 'POST', headers, body: broken, duplex: 'half' }
  expect((await answer(new Request(`https://app.test/webhooks/${id}`, init as RequestInit))).status).toBe(503)
  expect((await connectors.operator.webhooks.list().page()).items).toEqual([])
})

test('after close deliveries are refused with 503, so that the sender tries again elsewhere', async () => {
  const { answer, id, connectors } = await worldWithConnection()
  await connectors.close()
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(503)
})

test('close waits for the processing that follows an answer', async () => {
  const repositories = memoryRepositories<string>()
  const { answer, id, connectors } = await worldWithConnection(repositories)
  connectors.webhooks.handle('order.created', async ({ event, tx }) => {
    await new Promise((resolve) => setImmediate(resolve))
    tx.table('orders').set(event.orderId, event.orderId)
  })
  expect((await answer(post(`/webhooks/${id}`))).status).toBe(200)
  await connectors.close()
  expect([...repositories.table('orders').keys()]).toEqual(['o1'])
})

test('ids of your own making find their connection', async () => {
  let count = 0
  const next = () => {
    count += 1
    return `conn_${String(count).padStart(8, '0')}~X`
  }
  const { connectors, connect } = await createShopWorld({ ids: { next } })
  const { id } = await connect('acme')
  expect(id).toMatch(/^conn_/)
  const request = new Request(`https://app.test/webhooks/${id}`, { method: 'POST', ...shopDelivery(body) })
  expect((await connectors.handler(request)).status).toBe(200)
})

test('close does not wait for a whole queue: what had to wait for its turn waits in its row', async () => {
  const { connectors, connect } = await createShopWorld({ webhooks: { concurrency: 1 } })
  const { id } = await connect('acme')
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const handled: string[] = []
  let begun = () => {}
  const firstBegan = new Promise<void>((resolve) => {
    begun = resolve
  })
  connectors.webhooks.handle('order.created', {
    prepare: async ({ event }) => {
      begun()
      await held
      return async () => void handled.push(event.orderId)
    },
  })
  const statuses: string[] = []
  connectors.on('webhook.received', ({ event }) => statuses.push(event.id))
  for (let index = 0; index < 10; index += 1) {
    const delivery = shopDelivery(JSON.stringify({ type: 'order.created', orderId: `o${index}` }), {
      deliveryId: `d${index}`,
    })
    await connectors.handler(new Request(`https://app.test/webhooks/${id}`, { method: 'POST', ...delivery }))
  }
  await firstBegan
  const closed = connectors.close()
  letGo()
  await closed
  expect(statuses).toHaveLength(10)
  expect(handled).toEqual(['o0'])
})

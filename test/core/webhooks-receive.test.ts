import { describe, expect, test } from 'vitest'
import type { IncomingDelivery } from '../../src/core/domain/webhook-outcome.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

const created = (orderId: string) => JSON.stringify({ type: 'order.created', orderId })

describe.each(testStores)('on $name', ({ open }) => {
  async function worldWithConnection(options: Parameters<typeof createShopWorld>[0] = {}) {
    const store = await open()
    const { handlers: _handlers, ...rest } = options
    const world = await createShopWorldOver(store.repositories, rest)
    const { id } = await world.connect('acme')
    const { webhooks } = world.connectors.forTenant('acme')
    return { ...world, store, id, webhooks }
  }

  test('a genuine delivery is stored as it came, and a repetition is counted', async () => {
    const { webhooks, id, clock, eventsOf } = await worldWithConnection()
    const body = created('o1')
    const first = await webhooks.receive(id, shopDelivery(body))
    expect(first).toMatchObject({ status: 'accepted', signatureValid: true })
    const again = await webhooks.receive(id, shopDelivery(body))
    expect(again).toMatchObject({ status: 'duplicate', signatureValid: true })

    const { items } = await webhooks.list().page()
    expect(items).toHaveLength(1)
    const [event] = items
    expect(event).toMatchObject({
      tenantId: 'acme',
      connectionId: id,
      provider: 'testshop',
      eventType: 'order.created',
      payload: { type: 'order.created', orderId: 'o1' },
      status: 'received',
      signatureValid: true,
      attempts: 0,
      deliveries: 2,
      availableAt: clock.now(),
      createdAt: clock.now(),
    })
    expect(Buffer.from(event?.rawBody ?? []).toString()).toBe(body)
    expect(eventsOf('webhook.received')).toMatchObject([
      { tenantId: 'acme', connectionId: id, event: { deliveries: 1 } },
    ])
    expect(eventsOf('webhook.duplicated')).toMatchObject([{ event: { id: event?.id, deliveries: 2 } }])
  })

  test('where deliveries are alike and each counts, a repetition is a delivery of its own', async () => {
    if (shop.webhooks === null) throw new Error('the test shop has webhooks')
    const webhooksOfEach = { ...shop.webhooks, deliveryId: { each: true } } as const
    const { webhooks, id } = await worldWithConnection({ providers: [{ ...shop, webhooks: webhooksOfEach }] })
    for (const _time of [1, 2]) {
      expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'accepted' })
    }
    expect((await webhooks.list().all()).map(({ deliveries }) => deliveries)).toEqual([1, 1])
  })

  test('nobody sees how a delivery is claimed', async () => {
    const { webhooks, id, events } = await worldWithConnection()
    const { event } = (await webhooks.receive(id, shopDelivery(created('o1')))) as { event: { id: string } }
    const told = events.filter(({ name }) => name.startsWith('webhook.')).map((entry) => entry.event)
    for (const view of [event, await webhooks.get(event.id), ...(await webhooks.list().page()).items, ...told]) {
      expect(JSON.stringify(view)).not.toMatch(/claim|lease|fence/i)
    }
  })

  test('sixteen deliveries of one body at once make one row', async () => {
    const { webhooks, id, eventsOf } = await worldWithConnection()
    const results = await Promise.all(
      Array.from({ length: 16 }, () => webhooks.receive(id, shopDelivery(created('o1')))),
    )
    expect(results.filter(({ status }) => status === 'accepted')).toHaveLength(1)
    expect(results.filter(({ status }) => status === 'duplicate')).toHaveLength(15)
    const { items } = await webhooks.list().page()
    expect(items).toMatchObject([{ deliveries: 16, status: 'received' }])
    expect(eventsOf('webhook.received')).toHaveLength(1)
    expect(eventsOf('webhook.duplicated')).toHaveLength(15)
  })

  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const bodies: readonly (readonly [string, string | Uint8Array, unknown])[] = [
    ['nothing at all', '', null],
    ['no JSON', 'id=1&type=order.created', null],
    ['JSON that ends early', '{"type": "order.crea', null],
    ['bytes that are no text', Uint8Array.from([0xff, 0xfe, 0x00, 0xc3]), null],
    ['NUL in a value', '{"type":"order.created","orderId":"a\\u0000b"}', null],
    ['NUL in a name', '{"type":"order.created","a\\u0000b":1}', null],
    ['half of a surrogate pair', '{"type":"order.created","orderId":"\\ud800"}', null],
    ['100,000 nested lists', deep, null],
    ['100,000 nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, null],
    ['a number', '42', 42],
    ['a list', '[{"a":[]}]', [{ a: [] }]],
    ['text beyond ASCII', '{"name":"Žluťoučký 💶"}', { name: 'Žluťoučký 💶' }],
  ]
  test.each(bodies)('a signed body with %s is accepted and kept byte by byte', async (_what, body, payload) => {
    const { webhooks, id } = await worldWithConnection()
    const delivery = shopDelivery(body)
    const result = await webhooks.receive(id, delivery)
    expect(result.status).toBe('accepted')
    if (result.status !== 'accepted') return
    const stored = await webhooks.get(result.event.id)
    expect(Buffer.from(stored.rawBody).equals(delivery.body)).toBe(true)
    expect(stored.payload).toEqual(payload)
  })

  test('secrets in headers are not stored, the others are, in lower case', async () => {
    const { webhooks, id } = await worldWithConnection()
    const delivery = shopDelivery(created('o1'))
    const headers = {
      ...delivery.headers,
      Authorization: 'Bearer sesame',
      Cookie: 'sid=sesame',
      'X-Api-Key': 'sesame',
      'X-Long': 'y'.repeat(5_000),
      'X-Nul': 'a\0b',
      'X-Twice': ['1', '2'],
      'X-None': undefined,
    }
    const result = await webhooks.receive(id, { ...delivery, headers })
    if (result.status !== 'accepted') throw new Error(result.status)
    const stored = (await webhooks.get(result.event.id)).headers
    expect(JSON.stringify(stored)).not.toContain('sesame')
    expect(JSON.stringify(stored)).not.toContain(delivery.headers['X-Shop-Signature'])
    expect(stored).toMatchObject({ 'content-type': 'application/json', 'x-shop-delivery': 'd1', 'x-twice': '1, 2' })
    expect(stored).not.toHaveProperty('x-none')
    expect(String(stored['x-long']).length).toBeLessThanOrEqual(1_024)
    expect(stored['x-nul']).toBe('ab')
  })

  test('another tenant can neither deliver to a connection nor see its deliveries', async () => {
    const { connectors, webhooks, id } = await worldWithConnection()
    const result = await webhooks.receive(id, shopDelivery(created('o1')))
    if (result.status !== 'accepted') throw new Error(result.status)
    const globex = connectors.forTenant('globex').webhooks
    await expect(globex.receive(id, shopDelivery(created('o2')))).rejects.toMatchObject({
      code: 'CONNECTION_NOT_FOUND',
    })
    await expect(globex.get(result.event.id)).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
    await expect(globex.process(result.event.id)).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
    expect((await globex.list().page()).items).toEqual([])
    expect(await globex.processDue()).toEqual([])
    expect((await connectors.operator.webhooks.list().page()).items).toHaveLength(1)
  })

  test('the same delivery to two connections is two events', async () => {
    const { connectors, webhooks, connect, id } = await worldWithConnection()
    const other = await connect('globex', { token: 'token-of-globex' })
    expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'accepted' })
    const toOther = await connectors.forTenant('globex').webhooks.receive(other.id, shopDelivery(created('o1')))
    expect(toOther).toMatchObject({ status: 'accepted' })
  })
})

async function memoryWorld(options: Parameters<typeof createShopWorld>[0] = {}) {
  const world = await createShopWorld(options)
  const { id } = await world.connect('acme')
  return { ...world, id, webhooks: world.connectors.forTenant('acme').webhooks }
}
const toRequest = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
  new Request('https://app.test/webhooks', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)

test('a delivery may be a request, its parts with plain headers of any case, or parts with Headers', async () => {
  const { webhooks, id } = await memoryWorld()
  const { headers, body } = shopDelivery(created('o1'))
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
  const deliveries: IncomingDelivery[] = [
    toRequest(Buffer.from(body), headers),
    { headers, body },
    { headers: upper, body },
    { headers: new Headers(headers), body: new Uint8Array(body) },
  ]
  const results = []
  for (const delivery of deliveries) results.push((await webhooks.receive(id, delivery)).status)
  expect(results).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate'])
})

test('a body that is no longer raw is refused with the reason', async () => {
  const { webhooks, id } = await memoryWorld()
  const { headers, body } = shopDelivery(created('o1'))
  for (const parsed of [Buffer.from(body).toString(), JSON.parse(Buffer.from(body).toString()), null, undefined, [1]]) {
    // As from JavaScript, where nobody checks.
    const delivery = { headers, body: parsed as Uint8Array }
    await expect(webhooks.receive(id, delivery)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('raw bytes'),
    })
  }
  const request = toRequest(Buffer.from(body), headers)
  await request.text()
  await expect(webhooks.receive(id, request)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('before anything reads it'),
  })
})

test('a body over the limit is refused, whether its length is told or not, and is not read to its end', async () => {
  const { webhooks, id } = await memoryWorld({ webhooks: { maxBodyBytes: 1_000 } })
  const tooLarge = { code: 'BODY_TOO_LARGE', message: expect.stringContaining('webhooks.maxBodyBytes') }
  const exact = shopDelivery(JSON.stringify('x'.repeat(998)))
  expect(exact.body.byteLength).toBe(1_000)
  expect(await webhooks.receive(id, exact)).toMatchObject({ status: 'accepted' })

  const large = shopDelivery('x'.repeat(1_001))
  await expect(webhooks.receive(id, large)).rejects.toMatchObject(tooLarge)
  await expect(webhooks.receive(id, toRequest(Buffer.from(large.body), large.headers))).rejects.toMatchObject(tooLarge)
  const declared = toRequest('x', { ...large.headers, 'content-length': '1001' })
  await expect(webhooks.receive(id, declared)).rejects.toMatchObject(tooLarge)

  let chunks = 0
  let isCancelled = false
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      chunks += 1
      controller.enqueue(new Uint8Array(100))
    },
    cancel: () => {
      isCancelled = true
    },
  })
  await expect(webhooks.receive(id, toRequest(endless, large.headers))).rejects.toMatchObject(tooLarge)
  expect(isCancelled).toBe(true)
  expect(chunks).toBeLessThan(20)
  expect((await webhooks.list().page()).items).toHaveLength(1)
})

test('a deleted connection is gone for good, an unknown one not found', async () => {
  const { connectors, webhooks, id } = await memoryWorld()
  await connectors.forTenant('acme').connections.delete(id)
  await expect(webhooks.receive(id, shopDelivery(created('o1')))).rejects.toMatchObject({ code: 'CONNECTION_DELETED' })
  const globex = connectors.forTenant('globex').webhooks
  await expect(globex.receive(id, shopDelivery(created('o1')))).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  const nobody = '00000000-0000-7000-8000-000000000000'
  await expect(webhooks.receive(nobody, shopDelivery('{}'))).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test('deliveries are accepted while the connection is disabled or disconnected', async () => {
  const { connectors, webhooks, connect, id } = await memoryWorld()
  await connectors.forTenant('acme').connections.disable(id)
  expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'accepted' })
  const untested = await connect('acme', { test: false })
  expect(await webhooks.receive(untested.id, shopDelivery(created('o1')))).toMatchObject({ status: 'accepted' })
})

test('a header for the delivery id that is there but empty is no id', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const webhooks = connectors.forTenant('acme').webhooks
  const first = await webhooks.receive(id, shopDelivery('{"type":"order.created","orderId":"1"}', { deliveryId: '' }))
  const again = await webhooks.receive(id, shopDelivery('{"type":"order.created","orderId":"1"}', { deliveryId: '' }))
  const other = await webhooks.receive(id, shopDelivery('{"type":"order.created","orderId":"2"}', { deliveryId: '' }))
  expect([first.status, again.status, other.status]).toEqual(['accepted', 'duplicate', 'accepted'])
})

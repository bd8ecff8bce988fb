import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createShopWorld, createShopWorldOver, shopDelivery, webhookSecret } from '../support/shop-world.ts'

const created = (orderId: string) => JSON.stringify({ type: 'order.created', orderId })

async function worldWithConnection(options: Parameters<typeof createShopWorld>[0] = {}) {
  const world = await createShopWorld(options)
  const { id } = await world.connect('acme')
  const acme = world.connectors.forTenant('acme')
  const rows = async (status: 'received' | 'rejected') => (await acme.webhooks.list({ status }).page()).items
  return { ...world, id, acme, webhooks: acme.webhooks, rows }
}
/** A delivery that anybody can make. */
const forged = (body: string, headers: Record<string, string> = {}) => ({
  headers: { 'content-type': 'application/json', 'x-shop-delivery': 'd1', ...headers },
  body: Buffer.from(body),
})

test.each([
  ['no signature', forged(created('o1')), 'missing'],
  ['an empty signature', forged(created('o1'), { 'x-shop-signature': '' }), 'missing'],
  ['the signature of another body', { ...shopDelivery(created('o2')), body: Buffer.from(created('o1')) }, 'not match'],
  ['the signature of another secret', shopDelivery(created('o1'), { secret: 'guess' }), 'does not match'],
  [
    'a signature in capitals',
    forged(created('o1'), {
      'x-shop-signature': shopDelivery(created('o1')).headers['X-Shop-Signature']?.toUpperCase() ?? '',
    }),
    'does not match',
  ],
])('a delivery with %s is rejected, announced, kept, and never processed', async (_what, delivery, reason) => {
  const { connectors, webhooks, id, rows, eventsOf } = await worldWithConnection()
  connectors.webhooks.handle('*', () => Promise.reject(new Error('must not run')))
  const result = await webhooks.receive(id, delivery)
  expect(result).toEqual({ status: 'rejected', signatureValid: false, reason: expect.stringContaining(reason) })
  const [row] = await rows('rejected')
  expect(row).toMatchObject({ status: 'rejected', signatureValid: false, payload: null, availableAt: null })
  expect(row?.error).toContain(reason)
  expect(eventsOf('webhook.rejected')).toMatchObject([{ connectionId: id, eventId: row?.id }])
  expect(eventsOf('webhook.received')).toEqual([])
  expect(await webhooks.processDue()).toEqual([])
  await expect(webhooks.process(row?.id ?? '')).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('rejected'),
  })
})

test('a connection without a webhook secret rejects everything', async () => {
  const { webhooks, acme, server, rows, connectors } = await worldWithConnection()
  const { id } = await acme.connections.create(connectors.providers.get('testshop'), {
    credentials: { token: 'token-of-acme' },
    settings: { url: server.url },
  })
  for (const secret of ['', 'undefined', 'null', webhookSecret]) {
    const delivery = secret === '' ? forged(created('o1')) : shopDelivery(created('o1'), { secret })
    expect(await webhooks.receive(id, delivery)).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('no webhook secret'),
    })
  }
  expect(await rows('received')).toEqual([])
})

test.each(['before', 'after'])(
  'an unsigned delivery with a genuine id harms nothing %s the genuine one',
  async (when) => {
    const { webhooks, id, rows } = await worldWithConnection()
    const forge = async () =>
      expect(await webhooks.receive(id, forged(created('forged')))).toMatchObject({ status: 'rejected' })
    if (when === 'before') await forge()
    expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'accepted' })
    if (when === 'after') await forge()
    expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'duplicate' })
    expect(await rows('received')).toMatchObject([{ deliveries: 2, payload: { orderId: 'o1' } }])
    expect(await rows('rejected')).toHaveLength(1)
  },
)

test('the same forgery again and again is never a duplicate of itself', async () => {
  const { webhooks, id, rows } = await worldWithConnection()
  for (const _ of [1, 2, 3]) {
    expect(await webhooks.receive(id, forged(created('forged')))).toMatchObject({ status: 'rejected' })
  }
  const kept = await rows('rejected')
  expect(kept).toHaveLength(3)
  for (const row of kept) expect(row.idempotencyKey).toBe(`rejected:${row.id}`)
})

test('a delivery that claims the key of a rejected one is told apart', async () => {
  const { webhooks, id, rows } = await worldWithConnection()
  await webhooks.receive(id, forged(created('forged')))
  const [row] = await rows('rejected')
  const delivery = shopDelivery(created('o1'), { deliveryId: row?.idempotencyKey ?? '' })
  expect(await webhooks.receive(id, delivery)).toMatchObject({ status: 'accepted' })
})

test('an id that the signature does not cover neither hides another body nor repeats the same one', async () => {
  const { webhooks, id } = await worldWithConnection()
  expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'accepted' })
  // Another body under the same id is another delivery: WooCommerce repeats ids within a second.
  expect(await webhooks.receive(id, shopDelivery(created('o2')))).toMatchObject({ status: 'accepted' })
  // The same body under another id is another delivery too: some providers send equal bodies for different events.
  expect(await webhooks.receive(id, shopDelivery(created('o1'), { deliveryId: 'd2' }))).toMatchObject({
    status: 'accepted',
  })
  const withoutId = shopDelivery(created('o1'))
  const { 'X-Shop-Delivery': _id, ...headers } = withoutId.headers
  expect(await webhooks.receive(id, { ...withoutId, headers })).toMatchObject({ status: 'accepted' })
  expect(await webhooks.receive(id, { ...withoutId, headers })).toMatchObject({ status: 'duplicate' })
})

test('id and body can not be shifted into each other', async () => {
  const { webhooks, id } = await worldWithConnection()
  expect(await webhooks.receive(id, shopDelivery('23', { deliveryId: '1' }))).toMatchObject({ status: 'accepted' })
  expect(await webhooks.receive(id, shopDelivery('3', { deliveryId: '12' }))).toMatchObject({ status: 'accepted' })
})

test('only so many rejected deliveries are kept a day, with the beginning of their bodies; all are announced', async () => {
  const { webhooks, id, rows, eventsOf, clock, connect } = await worldWithConnection({
    webhooks: { maxRejectedPerDay: 3 },
  })
  const other = await connect('acme')
  for (let count = 0; count < 5; count += 1) await webhooks.receive(id, forged('x'.repeat(5_000)))
  await webhooks.receive(other.id, forged('x'))
  const kept = await rows('rejected')
  expect(kept.filter(({ connectionId }) => connectionId === id).map(({ rawBody }) => rawBody.byteLength)).toEqual([
    1_024, 1_024, 1_024,
  ])
  expect(kept.filter(({ connectionId }) => connectionId === other.id)).toHaveLength(1)
  expect(eventsOf('webhook.rejected').map(({ eventId }) => eventId !== null)).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
  ])
  // The clock stands at noon: the next day begins in twelve hours.
  await clock.advance(12 * 3_600_000)
  await webhooks.receive(id, forged('x'))
  expect(await rows('rejected')).toHaveLength(5)
})

test('after a rotation both secrets are accepted, until the grace ends', async () => {
  const { webhooks, acme, id, clock } = await worldWithConnection()
  await acme.connections.rotateWebhookSecret(id, { secret: 'the new secret', graceMs: 60_000 })
  const receive = (orderId: string, secret: string) => webhooks.receive(id, shopDelivery(created(orderId), { secret }))
  expect(await receive('o1', 'the new secret')).toMatchObject({ status: 'accepted' })
  expect(await receive('o2', webhookSecret)).toMatchObject({ status: 'accepted' })
  await clock.advance(59_999)
  expect(await receive('o3', webhookSecret)).toMatchObject({ status: 'accepted' })
  await clock.advance(1)
  expect(await receive('o4', webhookSecret)).toMatchObject({ status: 'rejected' })
  expect(await receive('o5', 'the new secret')).toMatchObject({ status: 'accepted' })
})

test('a rotation without grace ends the old secret at once', async () => {
  const { webhooks, acme, id } = await worldWithConnection()
  await acme.connections.rotateWebhookSecret(id, { secret: 'the new secret', graceMs: 0 })
  expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'rejected' })
})

test('rotating credentials leaves the webhook secret alone', async () => {
  const { webhooks, acme, id } = await worldWithConnection()
  await acme.connections.rotateCredentials(id, { token: 'token-of-globex' })
  expect(await webhooks.receive(id, shopDelivery(created('o1')))).toMatchObject({ status: 'accepted' })
})

test('a secret that another process has just rotated is found by reading the row once more', async () => {
  const repositories = memoryRepositories<string>()
  const here = await createShopWorldOver(repositories)
  let reads = 0
  const there = await createShopWorldOver({
    ...repositories,
    connections: {
      ...repositories.connections,
      find: (query) => {
        reads += 1
        return repositories.connections.find(query)
      },
    },
  })
  const { id } = await here.connect('acme')
  const receive = (orderId: string, secret: string) =>
    there.connectors.operator.webhooks.receive(id, shopDelivery(created(orderId), { secret }))
  expect(await receive('o1', webhookSecret)).toMatchObject({ status: 'accepted' })
  await here.connectors.operator.connections.rotateWebhookSecret(id, { secret: 'the new secret', graceMs: 0 })
  reads = 0
  expect(await receive('o2', 'the new secret')).toMatchObject({ status: 'accepted' })
  expect(reads).toBe(1)
  expect(await receive('o3', 'the new secret')).toMatchObject({ status: 'accepted' })
  expect(reads).toBe(1)
  expect(await receive('o4', webhookSecret)).toMatchObject({ status: 'rejected' })
  expect(reads).toBe(2)
})

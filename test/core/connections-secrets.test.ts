import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery, webhookSecret } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

test('new credentials are used from the next call on, by adapters that are held too', async () => {
  const { connectors, connect, server, eventsOf } = await createShopWorld()
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  server.tokens.add('new-token-of-acme')
  server.tokens.delete('token-of-acme')
  await connections.rotateCredentials(id, { token: 'new-token-of-acme' })
  await adapter.ping()
  expect(eventsOf('credentials.rotated')).toMatchObject([{ connectionId: id, credentialsVersion: 2 }])
})

test('wrong new credentials are refused, and the old ones stay', async () => {
  const { connectors, connect, eventsOf } = await createShopWorld()
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const error = await connections
    .rotateCredentials(id, { token: 7, secret: 'planted' } as never)
    .catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'INVALID_CREDENTIALS', message: expect.stringContaining('token') })
  expect(String(error)).not.toContain('planted')
  expect((await connections.test(id)).status).toBe('connected')
  expect(eventsOf('credentials.rotated')).toEqual([])
})

test('new credentials leave the webhook secret alone', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const tenant = connectors.forTenant('acme')
  await tenant.connections.rotateCredentials(id, { token: 'token-of-acme' })
  const delivery = shopDelivery('{"type":"order.created","orderId":"o1"}')
  expect((await tenant.webhooks.receive(id, delivery)).status).toBe('accepted')
})

test('the old webhook secret is accepted for the time of grace, 24 hours unless told otherwise', async () => {
  const { connectors, connect, clock } = await createShopWorld()
  const { id } = await connect('acme')
  const tenant = connectors.forTenant('acme')
  let deliveries = 0
  const statusOf = async (secret: string) => {
    deliveries += 1
    const body = `{"type":"order.created","orderId":"o${deliveries}"}`
    return (await tenant.webhooks.receive(id, shopDelivery(body, { secret, deliveryId: `d${deliveries}` }))).status
  }
  await tenant.connections.rotateWebhookSecret(id, { secret: 'second-secret' })
  expect([await statusOf(webhookSecret), await statusOf('second-secret')]).toEqual(['accepted', 'accepted'])
  await clock.advance(24 * 60 * 60 * 1_000 - 1)
  expect(await statusOf(webhookSecret)).toBe('accepted')
  await clock.advance(1)
  expect([await statusOf(webhookSecret), await statusOf('second-secret')]).toEqual(['rejected', 'accepted'])
  await tenant.connections.rotateWebhookSecret(id, { secret: 'third-secret', graceMs: 1_000 })
  expect(await statusOf('second-secret')).toBe('accepted')
  await tenant.connections.rotateWebhookSecret(id, { secret: 'fourth-secret', graceMs: 60_000 })
  await clock.advance(1_000)
  // A second replacement doesn't lengthen the grace of the first.
  expect([await statusOf('second-secret'), await statusOf('third-secret')]).toEqual(['rejected', 'accepted'])
  await tenant.connections.rotateWebhookSecret(id, { secret: 'fifth-secret', graceMs: 0 })
  expect([await statusOf('fourth-secret'), await statusOf('fifth-secret')]).toEqual(['rejected', 'accepted'])
})

test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [-1], ['1000']])('refuses %o as a grace', async (graceMs) => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const tenant = connectors.forTenant('acme')
  await expect(
    tenant.connections.rotateWebhookSecret(id, { secret: 'second-secret', graceMs: graceMs as never }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('graceMs') })
  expect((await tenant.webhooks.receive(id, shopDelivery('{}'))).status).toBe('accepted')
})

test('neither views nor events nor log lines hold a ciphertext or a secret', async () => {
  const { connectors, connect, server, events, logLines } = await createShopWorld()
  const { id } = await connect('acme')
  const tenant = connectors.forTenant('acme')
  server.tokens.clear()
  const shown: unknown[] = [
    await tenant.connections.get(id),
    (await tenant.connections.list().page()).items,
    await tenant.connections.update(id, { displayName: 'Renamed' }),
    await tenant.connections.updateSettings(id, { url: server.url }),
    await tenant.connections.rotateCredentials(id, { token: 'second-token-of-acme' }),
    await tenant.connections.rotateWebhookSecret(id, { secret: 'second-webhook-secret' }),
    await tenant.connections.test(id),
    await tenant.connections.disable(id),
    await tenant.connections.enable(id),
    (await tenant.executions.list().page()).items,
  ]
  await tenant.connections.delete(id)
  const text = JSON.stringify([shown, events, logLines])
  for (const secret of ['v1.test-key', 'token-of-acme', webhookSecret, 'second-webhook-secret', 'Encrypted']) {
    expect(text).not.toContain(secret)
  }
})

test('new credentials that arrive while the breaker trips tell nothing twice', async () => {
  const repositories = memoryRepositories<string>()
  let trip: (() => Promise<unknown>) | null = null
  const watched = watchedStore(repositories, async (call) => {
    if (call !== 'connections.replaceCredentials') return
    await trip?.()
  })
  const { connectors, connect, server, eventsOf } = await createShopWorldOver(watched)
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  server.tokens.clear()
  trip = () => Promise.allSettled([adapter.ping(), adapter.ping(), adapter.ping()])
  const view = await connections.rotateCredentials(id, { token: 'new-token-of-acme' })
  expect(view.isEnabled).toBe(false)
  expect(eventsOf('connection.disabled')).toHaveLength(1)
  expect(eventsOf('connection.statusChanged').filter(({ isEnabled }) => !isEnabled)).toHaveLength(1)
})

test('new credentials and settings for another provider than the connection has are refused', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const other = { ...shop, name: 'till' } as unknown as typeof shop
  const refusal = { code: 'INVALID_INPUT', message: expect.stringMatching(/testshop, not to till/) }
  await expect(connections.rotateCredentials(id, { token: 'x' }, other)).rejects.toMatchObject(refusal)
  await expect(connections.updateSettings(id, { url: 'https://x.test' }, other)).rejects.toMatchObject(refusal)
})

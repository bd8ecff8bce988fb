import { expect, test } from 'vitest'
import type { ConnectionVerbs } from '../../src/core/connectors.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'
import { createTillWorld, till } from '../support/till-world.ts'

const settings = { url: 'https://shop.test' }

test('answers a view of an enabled connection that has yet to pass a test', async () => {
  const { connectors, clock, eventsOf } = await createShopWorld()
  const view = await connectors
    .forTenant('acme')
    .connections.create(shop, { displayName: 'Our shop', credentials: { token: 'token-of-acme' }, settings })
  expect(view).toEqual({
    id: expect.any(String),
    tenantId: 'acme',
    provider: { family: 'shop', name: 'testshop' },
    displayName: 'Our shop',
    settings,
    isEnabled: true,
    isConnected: false,
    isOperational: false,
    authFailureCount: 0,
    lastAuthFailureAt: null,
    disabledReason: null,
    pausedUntil: null,
    pauseReason: null,
    pauseCount: 0,
    tokenExpiresAt: null,
    needsReauthorization: false,
    externalAccountId: null,
    createdAt: clock.now(),
    updatedAt: clock.now(),
  })
  expect(eventsOf('connection.created')).toEqual([
    { at: clock.now(), tenantId: 'acme', connectionId: view.id, provider: view.provider, connection: view },
  ])
})

test("takes the provider's label where no name is given", async () => {
  const { connectors } = await createShopWorld()
  const { connections } = connectors.forTenant('acme')
  const view = await connections.create(shop, { credentials: { token: 'token-of-acme' }, settings })
  expect(view.displayName).toBe('Test shop')
})

test.each([
  ['no credentials', undefined, 'input'],
  ['a missing field', {}, 'token'],
  ['an empty field', { token: '' }, 'token: is empty'],
  ['a field of another type', { token: 12_345 }, 'token'],
])('refuses %s, names the field and stores nothing', async (_title, credentials, names) => {
  const { connectors, events } = await createShopWorld()
  const { connections } = connectors.forTenant('acme')
  await expect(connections.create(shop, { credentials: credentials as never, settings })).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
    message: expect.stringContaining(names),
  })
  expect((await connections.list().page()).items).toEqual([])
  expect(events).toEqual([])
})

test('refuses credentials that have no exact form to be stored in', async () => {
  const { connections } = createTillWorld().forTenant('acme')
  const credentials = { pin: '1234', sign: () => 'planted-secret' }
  const error = await connections.create(till, { credentials }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'INVALID_CREDENTIALS', message: expect.stringContaining('sign') })
  expect(String(error)).not.toContain('planted-secret')
  expect((await connections.list().page()).items).toEqual([])
})

test.each([
  ['no settings where some are needed', undefined, 'url'],
  ['a value that does not fit', { url: 'planted-value' }, 'url'],
])('refuses %s, names the field and never the value', async (_title, wrong, names) => {
  const { connectors } = await createShopWorld()
  const { connections } = connectors.forTenant('acme')
  const input = { credentials: { token: 'planted-secret' }, settings: wrong as never }
  const error = await connections.create(shop, input).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'INVALID_SETTINGS', message: expect.stringContaining(names) })
  expect(String(error)).not.toContain('planted')
  expect((await connections.list().page()).items).toEqual([])
})

test('refuses settings that would not come back from the column as they are', async () => {
  const { connections } = createTillWorld().forTenant('acme')
  for (const unstorable of [{ since: new Date(0) }, { limit: 12n }]) {
    await expect(
      connections.create(till, { credentials: { pin: '1234' }, settings: unstorable }),
    ).rejects.toMatchObject({ code: 'INVALID_SETTINGS', message: expect.stringContaining('JSON') })
  }
  expect((await connections.list().page()).items).toEqual([])
})

test('refuses a provider that is not registered, and says which are', async () => {
  const { connectors } = await createShopWorld()
  const { connections } = connectors.forTenant('acme')
  const create = connections.create as ConnectionVerbs<AnyProvider, string>['create']
  await expect(create(till, { credentials: { pin: '1234' } })).rejects.toMatchObject({
    code: 'UNKNOWN_PROVIDER',
    message: expect.stringMatching(/shop\.till.*Registered: shop\.testshop/),
  })
  await expect(create(undefined as never, { credentials: {} as never })).rejects.toMatchObject({
    code: 'UNKNOWN_PROVIDER',
  })
})

test('refuses another definition of a registered name, and says so', async () => {
  const { connectors } = await createShopWorld()
  await expect(
    connectors.forTenant('acme').connections.create({ ...shop }, { credentials: { token: 'x' }, settings }),
  ).rejects.toMatchObject({ code: 'UNKNOWN_PROVIDER', message: expect.stringMatching(/shop\.testshop.*another/) })
})

test.each([[''], ['   '], [7]])('refuses %o as a webhook secret', async (secret) => {
  const { connectors } = await createShopWorld()
  const { connections } = connectors.forTenant('acme')
  await expect(
    connections.create(shop, {
      credentials: { token: 'token-of-acme' },
      settings,
      webhookSecret: secret as never,
    }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect((await connections.list().page()).items).toEqual([])
})

test.each([[''], ['  '], [7], [null]])('refuses %o as a name', async (displayName) => {
  const { connectors, connect } = await createShopWorld()
  const { connections } = connectors.forTenant('acme')
  const input = { credentials: { token: 'token-of-acme' }, settings, displayName: displayName as never }
  await expect(connections.create(shop, input)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('displayName'),
  })
  const { id } = await connect('acme')
  await expect(connections.update(id, { displayName: displayName as never })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
})

test('of a provider that allows one connection, a tenant gets one, and another after deleting it', async () => {
  const connectors = createTillWorld()
  const { connections } = connectors.forTenant('acme')
  const input = { credentials: { pin: '1234' } }
  const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => connections.create(till, input)))
  const made = attempts.filter((attempt) => attempt.status === 'fulfilled')
  const refused = attempts.filter((attempt) => attempt.status === 'rejected')
  expect(made).toHaveLength(1)
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'CONNECTION_EXISTS' })
  await connectors.forTenant('globex').connections.create(till, input)
  await connections.delete(made[0]?.value.id ?? '')
  await expect(connections.create(till, input)).resolves.toMatchObject({ isEnabled: true })
  await expect(connections.create(till, input)).rejects.toMatchObject({ code: 'CONNECTION_EXISTS' })
})

test('of a provider that allows several, a tenant gets several', async () => {
  const { connect } = await createShopWorld()
  const [one, other] = [await connect('acme'), await connect('acme')]
  expect(one.id).not.toBe(other.id)
})

test.each([[''], [Number.NaN], [1.5], [2 ** 53], [undefined], [null], [{}]])(
  'there is no tenant %o',
  async (tenantId) => {
    const { connectors } = await createShopWorld()
    expect(() => connectors.forTenant(tenantId as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_TENANT_ID' }),
    )
  },
)

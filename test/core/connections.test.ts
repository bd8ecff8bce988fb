import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import type { ConnectionVerbs } from '../../src/core/connectors.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery, testKey, webhookSecret } from '../support/shop-world.ts'
import { temporarySqlite } from '../support/temporary-sqlite.ts'
import { watchedStore } from '../support/watched-store.ts'

const settings = { url: 'https://shop.test' }
const nowhere = '019a0000-0000-7000-8000-000000000000'

/** A provider of which a tenant can have one connection, with settings of unusual types. */
const till = defineProvider({
  family: 'shop',
  name: 'till',
  label: 'Till',
  credentials: z.object({ pin: z.string() }),
  settings: z.object({ since: z.date().optional(), limit: z.bigint().optional(), floor: z.string().optional() }),
  http: { baseUrl: () => 'https://till.test', auth: ({ pin }) => bearer(pin) },
  adapter: () => ({ async ping() {} }),
  test: (adapter) => adapter.ping(),
})

function createTillWorld() {
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [shop, till],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    clock: createFakeClock(),
  })
  onTestFinished(() => connectors.close())
  return connectors
}

describe('create', () => {
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
})

describe('tenants', () => {
  /** Every verb on one connection, as a tenant or an operator calls it. */
  type Verbs = Omit<ConnectionVerbs<typeof shop, string>, 'create'>
  const verbs: Record<Exclude<keyof Verbs, 'list'>, (connections: Verbs, id: string) => Promise<unknown>> = {
    get: (connections, id) => connections.get(id),
    update: (connections, id) => connections.update(id, { displayName: 'Mine now' }),
    validateSettings: (connections, id) => connections.validateSettings(id, settings),
    updateSettings: (connections, id) => connections.updateSettings(id, settings),
    rotateCredentials: (connections, id) => connections.rotateCredentials(id, { token: 'stolen' }),
    rotateWebhookSecret: (connections, id) => connections.rotateWebhookSecret(id, { secret: 'stolen' }),
    disable: (connections, id) => connections.disable(id),
    test: (connections, id) => connections.test(id),
    enable: (connections, id) => connections.enable(id),
    adapter: (connections, id) => connections.adapter(id, shop),
    delete: (connections, id) => connections.delete(id),
  }

  test.each(Object.entries(verbs))('%s: a foreign connection is not found, and stays as it is', async (_name, call) => {
    const repositories = memoryRepositories<string>()
    const { connectors, connect, server, events } = await createShopWorldOver(repositories)
    const { id } = await connect('acme')
    const row = await repositories.connections.find({ scope: operatorScope, id })
    const [sent, told] = [server.requests.length, events.length]
    const { connections } = connectors.forTenant('globex')
    const foreign = await call(connections, id).catch((error: unknown) => error)
    const absent = await call(connections, nowhere).catch((error: unknown) => error)
    expect(foreign).toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    // What is said about a foreign id is what is said about one that nobody has.
    expect(String(foreign).replace(id, '')).toBe(String(absent).replace(nowhere, ''))
    expect(await repositories.connections.find({ scope: operatorScope, id })).toEqual(row)
    expect([server.requests.length, events.length]).toEqual([sent, told])
  })

  test.each(Object.entries(verbs))('%s: a deleted connection is not found', async (_name, call) => {
    const { connectors, connect } = await createShopWorld()
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    await connections.delete(id)
    await expect(call(connections, id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    await expect(call(connectors.operator.connections, id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  })

  test.each(Object.entries(verbs))('%s: an operator reaches the connections of every tenant', async (_name, call) => {
    const { connectors, connect } = await createShopWorld()
    const { id } = await connect('globex', { token: 'token-of-globex' })
    await call(connectors.operator.connections, id)
  })

  test('what is no id names no connection, in a real database either', async () => {
    const { prisma } = await temporarySqlite()
    const { connectors, connect } = await createShopWorldOver(prismaRepositories(prisma))
    const made = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    // To a database client, `undefined` can mean any row, and an object a condition.
    for (const id of [undefined, null, 7, 7n, { not: '' }, '']) {
      for (const [name, call] of Object.entries(verbs)) {
        await expect(call(connections, id as never), name).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
      }
    }
    await expect(connections.get(made.id)).resolves.toMatchObject({ displayName: 'Test shop', isEnabled: true })
  })

  test('a list shows the connections of the tenant, an operator those of all', async () => {
    const { connectors, connect } = await createShopWorld()
    const mine = [await connect('acme'), await connect('acme', { test: false })]
    const other = await connect('globex', { token: 'token-of-globex' })
    const idsOf = async (listing: AsyncIterable<{ readonly id: string }>) => {
      const ids: string[] = []
      for await (const { id } of listing) ids.push(id)
      return ids
    }
    expect(await idsOf(connectors.forTenant('acme').connections.list())).toEqual(mine.map(({ id }) => id))
    expect(await idsOf(connectors.forTenant('nobody').connections.list())).toEqual([])
    const { operator } = connectors
    expect(await idsOf(operator.connections.list())).toEqual([...mine, other].map(({ id }) => id))
    expect(await idsOf(operator.connections.list({ isConnected: false }))).toEqual([mine[1]?.id])
    expect(await idsOf(operator.connections.list({ family: 'payment' }))).toEqual([])
    expect(await idsOf(operator.connections.list({ provider: 'testshop', isEnabled: true }))).toHaveLength(3)
  })

  test('a list is read page by page, while more is added', async () => {
    const { connectors, connect } = await createShopWorld()
    for (let index = 0; index < 5; index += 1) await connect('acme', { test: false })
    const list = connectors.forTenant('acme').connections.list()
    const first = await list.page({ limit: 2 })
    const second = await list.page({ limit: 2, after: first.next })
    await connect('acme', { test: false })
    const third = await list.page({ limit: 2, after: second.next })
    expect([first.items.length, second.items.length, third.items.length]).toEqual([2, 2, 2])
    expect(third.next).toBeNull()
    expect(new Set([...first.items, ...second.items, ...third.items].map(({ id }) => id)).size).toBe(6)
    for (const limit of [0, 1_001, 1.5, Number.NaN]) {
      await expect(list.page({ limit })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
  })
})

describe('changes', () => {
  test('of the name and the settings are seen at once, and the settings are checked', async () => {
    const { connectors, connect, server } = await createShopWorld({ orderCount: 1 })
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    const adapter = await connections.adapter(id, shop)
    await expect(adapter.getOrder('o1')).resolves.toMatchObject({ currency: 'EUR' })
    await connections.update(id, { displayName: 'Renamed' })
    const view = await connections.updateSettings(id, { url: server.url, currency: 'RON' })
    expect(view).toMatchObject({ displayName: 'Renamed', settings: { currency: 'RON' }, isConnected: true })
    await expect(adapter.getOrder('o1')).resolves.toMatchObject({ currency: 'RON' })
    const wrong = { url: 'planted-value' }
    await expect(connections.updateSettings(id, wrong)).rejects.toMatchObject({
      code: 'INVALID_SETTINGS',
      message: expect.not.stringContaining('planted-value'),
    })
    await expect(connections.get(id)).resolves.toMatchObject({ settings: { currency: 'RON' } })
  })

  test('validateSettings says what is wrong by field and stores nothing', async () => {
    const { connectors, connect, server } = await createShopWorld()
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    expect(await connections.validateSettings(id, { url: 'https://other.test' })).toEqual({ isValid: true })
    expect(await connections.validateSettings(id, { url: 'x', currency: 7 })).toEqual({
      isValid: false,
      issues: [
        { path: 'url', message: expect.any(String) },
        { path: 'currency', message: expect.any(String) },
      ],
    })
    expect(await connections.validateSettings(id, null)).toMatchObject({ isValid: false, issues: [{ path: '' }] })
    expect((await connections.get(id)).settings).toEqual({ url: server.url })
  })

  test('validateSettings refuses what could not be stored', async () => {
    const { connections } = createTillWorld().forTenant('acme')
    const { id } = await connections.create(till, { credentials: { pin: '1234' } })
    expect(await connections.validateSettings(id, { limit: 3n })).toMatchObject({ isValid: false })
    expect(await connections.validateSettings(id, { since: new Date(0) })).toMatchObject({ isValid: false })
    expect(await connections.validateSettings(id, { floor: 'first' })).toEqual({ isValid: true })
  })

  test('of different things at the same time are all kept', async () => {
    const { connectors, connect, server } = await createShopWorld({ orderCount: 1 })
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    server.tokens.add('new-token-of-acme')
    await Promise.all([
      connections.update(id, { displayName: 'Renamed' }),
      connections.updateSettings(id, { url: server.url, currency: 'RON' }),
      connections.rotateWebhookSecret(id, { secret: 'another-secret', graceMs: 0 }),
      connections.rotateCredentials(id, { token: 'new-token-of-acme' }),
      connections.disable(id, { reason: 'holidays' }),
    ])
    server.tokens.delete('token-of-acme')
    expect(await connections.get(id)).toMatchObject({
      displayName: 'Renamed',
      settings: { currency: 'RON' },
      isEnabled: false,
      disabledReason: 'holidays',
    })
    expect((await connections.enable(id)).status).toBe('connected')
    const { webhooks } = connectors.forTenant('acme')
    const signed = shopDelivery('{"type":"order.created","orderId":"o1"}', { secret: 'another-secret' })
    expect((await webhooks.receive(id, signed)).status).toBe('accepted')
  })

  test('twenty changes at the same time all succeed', async () => {
    const { connectors, connect } = await createShopWorld()
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    const names = Array.from({ length: 20 }, (_, index) => `Name ${index}`)
    await Promise.all(names.map((displayName) => connections.update(id, { displayName })))
    expect(names).toContain((await connections.get(id)).displayName)
  })

  test('of a view by whoever holds it change nothing else', async () => {
    const { connectors, connect, server } = await createShopWorld({ orderCount: 1 })
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    connectors.on('connection.statusChanged', ({ connection }) => {
      Object.assign(connection.settings, { url: 'http://127.0.0.1:1' })
    })
    const view = await connections.updateSettings(id, { url: server.url, currency: 'RON' })
    Object.assign(view.settings, { url: 'http://127.0.0.1:1' })
    const adapter = await connections.adapter(id, shop)
    await expect(adapter.getOrder('o1')).resolves.toMatchObject({ currency: 'RON' })
  })
})

describe('credentials and secrets', () => {
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
    const error = await connections.rotateCredentials(id, { token: 7, secret: 'planted' }).catch((e: unknown) => e)
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
})

describe('delete', () => {
  test('erases credentials, secrets and settings for good, and tells once', async () => {
    const repositories = memoryRepositories<string>()
    const { connectors, connect, eventsOf } = await createShopWorldOver(repositories)
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    const attempts = await Promise.allSettled([connections.delete(id), connections.delete(id)])
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(eventsOf('connection.deleted')).toMatchObject([{ connectionId: id, tenantId: 'acme' }])
    const row = await repositories.connections.find({ scope: operatorScope, id, includeDeleted: true })
    expect(row).toMatchObject({ credentialsEncrypted: '', webhookSecretsEncrypted: null, config: {} })
    expect((await connections.list().page()).items).toEqual([])
  })

  test('reaches adapters that are held, also while a copy of the connection is being read', async () => {
    let reading: (() => void) | null = null
    const held: { go?: () => void } = {}
    const repositories = memoryRepositories<string>()
    const { connectors, connect, clock, server } = await createShopWorldOver({
      ...repositories,
      connections: {
        ...repositories.connections,
        find: async (query) => {
          const row = await repositories.connections.find(query)
          if (reading !== null && query.includeDeleted) {
            reading()
            reading = null
            await new Promise<void>((resolve) => {
              held.go = resolve
            })
          }
          return row
        },
      },
    })
    const { id } = await connect('acme')
    const { connections } = connectors.forTenant('acme')
    const adapter = await connections.adapter(id, shop)
    await clock.advance(1_000)
    const isReading = new Promise<void>((resolve) => {
      reading = resolve
    })
    const during = adapter.ping().catch((error: unknown) => error)
    await isReading
    await connections.delete(id)
    held.go?.()
    await during
    const sent = server.requests.length
    await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    expect(server.requests.length).toBe(sent)
  })
})

describe('test and enable', () => {
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

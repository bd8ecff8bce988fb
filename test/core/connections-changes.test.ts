import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { createTillWorld, till } from '../support/till-world.ts'

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

  test.each(['a call', 'a run'])(
    'by another process lets go of the opened credentials, when %s reads it',
    async (by) => {
      const repositories = memoryRepositories<string>()
      const seen = { as: 'it is' as 'it is' | 'deleted' | 'gone' }
      let builtCount = 0
      const counted: typeof shop = {
        ...shop,
        build: (context) => {
          builtCount += 1
          return shop.build(context)
        },
      }
      const { connectors, connect } = await createShopWorldOver(
        {
          ...repositories,
          connections: {
            ...repositories.connections,
            find: async (query) => {
              const row = await repositories.connections.find(query)
              if (row === null || seen.as === 'it is') return row
              return seen.as === 'gone' || query.includeDeleted !== true ? null : { ...row, deletedAt: row.updatedAt }
            },
          },
        },
        { providers: [counted], gateMaxAgeMs: 0, handlers: { 'shop.orders': async () => {} } },
      )
      const { id } = await connect('acme')
      const tenant = connectors.forTenant('acme')
      const adapter = await tenant.connections.adapter(id, counted)
      const read = () => (by === 'a call' ? adapter.ping() : tenant.sync.run(id, 'orders'))
      await read()
      expect(builtCount).toBe(1)
      for (const as of ['deleted', 'gone'] as const) {
        seen.as = as
        await expect(read()).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
        seen.as = 'it is'
        await read()
      }
      // A row that comes back stands in for a look into the memory: what was let go of has to be opened again.
      expect(builtCount).toBe(3)
    },
  )
})

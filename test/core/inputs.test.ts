import { describe, expect, test } from 'vitest'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'

const credentials = { token: 'token-of-acme' }
const settings = { url: 'https://shop.test' }
const invalid = (says: string | RegExp) => ({ code: 'INVALID_INPUT', message: expect.stringMatching(says) })

async function world() {
  const made = await createShopWorld({ handlers: { 'shop.orders': async () => {} } })
  const { id } = await made.connect('acme')
  return { ...made, id, tenant: made.connectors.forTenant('acme') }
}

describe('create', () => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['token', 'a string'],
    [[], 'an array'],
  ])('refuses %o in the place of its input', async (input, says) => {
    const { tenant } = await world()
    await expect(tenant.connections.create(shop, input as never)).rejects.toMatchObject(invalid(says))
  })

  test('refuses a key that it does not know, names those it knows, and stores nothing', async () => {
    const { tenant, connectors } = await world()
    const input = { credentials, settings, webHookSecret: 'planted-secret' }
    const error = await tenant.connections.create(shop, input as never).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject(invalid(/"webHookSecret".*displayName, credentials, settings, webhookSecret/))
    expect(String(error)).not.toContain('planted-secret')
    const inside = connectors.transaction(({ tenant: bound }) => bound('acme').connections.create(shop, input as never))
    await expect(inside).rejects.toMatchObject(invalid('webHookSecret'))
    expect(await tenant.connections.list().all()).toHaveLength(1)
  })

  test.each(['\0', 'half a \ud83d pair'])('refuses the name %j, which databases refuse', async (displayName) => {
    const { tenant, id } = await world()
    await expect(tenant.connections.update(id, { displayName })).rejects.toMatchObject(invalid('displayName'))
  })

  test('takes a name of up to 200 characters', async () => {
    const { tenant, id } = await world()
    const longest = '🛒'.repeat(100) + 'x'.repeat(100)
    const view = await tenant.connections.create(shop, { displayName: longest, credentials, settings })
    expect(view.displayName).toBe(longest)
    const tooLong = `${longest}x`
    const create = tenant.connections.create(shop, { displayName: tooLong, credentials, settings })
    await expect(create).rejects.toMatchObject(invalid('200'))
    await expect(tenant.connections.update(id, { displayName: tooLong })).rejects.toMatchObject(invalid('200'))
  })
})

describe('changes', () => {
  test.each([[undefined], [null], ['x'], [{ name: 'x' }], [{ displayName: 'x', isEnabled: false }]])(
    'update refuses %o',
    async (change) => {
      const { tenant, id } = await world()
      await expect(tenant.connections.update(id, change as never)).rejects.toMatchObject(invalid(/./))
      expect(await tenant.connections.get(id)).toMatchObject({ displayName: 'Test shop', isEnabled: true })
    },
  )

  test.each([[undefined], [null], ['s'], [{ webhookSecret: 's' }], [{ secret: 's', grace: 0 }]])(
    'rotateWebhookSecret refuses %o',
    async (change) => {
      const { tenant, id } = await world()
      await expect(tenant.connections.rotateWebhookSecret(id, change as never)).rejects.toMatchObject(invalid(/./))
    },
  )

  test.each([[null], ['unpaid'], [{ reason: 7 }], [{ because: 'unpaid' }]])('disable refuses %o', async (change) => {
    const { tenant, id } = await world()
    await expect(tenant.connections.disable(id, change as never)).rejects.toMatchObject(invalid(/./))
    expect((await tenant.connections.get(id)).isEnabled).toBe(true)
  })
})

describe('lists', () => {
  test.each([
    [null, 'null'],
    ['acme', 'a string'],
    [{ bogus: 1 }, /"bogus".*family, provider, externalAccountId, isEnabled, isConnected/],
    [{ tenantId: 'globex' }, 'tenantId'],
    [{ isConnected: 'yes' }, 'isConnected.*true or false'],
    [{ family: { not: '' } }, 'family.*a string'],
    [{ provider: null }, 'provider'],
  ])('of connections refuse the filter %o', async (filter, says) => {
    const { tenant, connectors } = await world()
    for (const { connections } of [tenant, connectors.operator]) {
      const list = connections.list(filter as never)
      await expect(list.page()).rejects.toMatchObject(invalid(says))
      await expect(list.all()).rejects.toMatchObject(invalid(says))
    }
  })

  test.each([
    [null, 'null'],
    [{ bogus: 1 }, /"bogus".*connectionId, runId, status, method, since, until, text/],
    [{ connectionId: { not: '' } }, 'connectionId'],
    [{ runId: 7 }, 'runId'],
    [{ status: '404' }, 'status.*404.*failed'],
    [{ status: 4.5 }, 'status'],
  ])('of executions refuse the filter %o', async (filter, says) => {
    const { tenant } = await world()
    await expect(tenant.executions.list(filter as never).page()).rejects.toMatchObject(invalid(says))
  })

  test('take a filter whose fields are undefined as one without them', async () => {
    const { tenant } = await world()
    const absent = { family: undefined, provider: undefined, isEnabled: undefined, isConnected: undefined }
    expect(await tenant.connections.list(absent as never).all()).toHaveLength(1)
    const anyCall = { connectionId: undefined, runId: undefined, status: undefined, text: undefined }
    expect(await tenant.executions.list(anyCall as never).all()).toHaveLength(1)
  })

  test.each([
    [null, 'null'],
    [{ offset: 10 }, /"offset".*after, limit/],
    [{ after: 7 }, 'after'],
    [{ limit: '10' }, 'limit'],
  ])('refuse the request %o of a page', async (request, says) => {
    const { tenant } = await world()
    for (const list of [tenant.connections.list(), tenant.executions.list(), tenant.webhooks.list()]) {
      await expect((list.page as (request: unknown) => Promise<unknown>)(request)).rejects.toMatchObject(invalid(says))
    }
  })

  test.each([[null], ['shop'], [{ family: 7 }], [{ name: 'testshop' }]])(
    'of providers refuse the filter %o',
    async (filter) => {
      const { connectors } = await world()
      expect(() => connectors.providers.list(filter as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      )
    },
  )
})

test('what is no function is refused where one is needed', async () => {
  const { connectors } = await world()
  for (const wrong of [undefined, null, {}, 'work']) {
    await expect(connectors.transaction(wrong as never)).rejects.toMatchObject(invalid('function'))
    expect(() => connectors.on('sync.started', wrong as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('function') }),
    )
  }
})

test.each([[undefined], [null], [7], [Symbol('orders')], [{}]])('there is no resource %o', async (resource) => {
  const { tenant, id } = await world()
  await expect(tenant.sync.run(id, resource as never)).rejects.toMatchObject({ code: 'UNKNOWN_RESOURCE' })
})

test.each([
  [undefined, 'whose id is undefined'],
  [null, 'whose id is null'],
  [7, 'whose id is a number'],
  [{}, 'whose id is an object'],
  [[], 'whose id is an array'],
])('a connection %o is not found, in plain words', async (id, says) => {
  const { tenant } = await world()
  await expect(tenant.connections.get(id as never)).rejects.toMatchObject({
    code: 'CONNECTION_NOT_FOUND',
    message: expect.stringContaining(says),
  })
})

test.each(['a\0b', 'a\ud800b'])(
  "text that databases refuse (%j) is refused by name, or is nobody's id",
  async (bad) => {
    const { connectors, connect, server } = await createShopWorld()
    const { id } = await connect('acme')
    const { connections, webhooks } = connectors.forTenant('acme')
    const settings = { url: server.url, currency: bad }
    await expect(connections.updateSettings(id, settings)).rejects.toMatchObject({ code: 'INVALID_SETTINGS' })
    expect(await connections.validateSettings(id, settings)).toMatchObject({ isValid: false })
    await expect(connections.get(bad)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    await expect(webhooks.get(bad)).rejects.toMatchObject({ code: 'WEBHOOK_EVENT_NOT_FOUND' })
  },
)

test('filters and options of webhooks are checked by name too', async () => {
  const { tenant } = await world()
  await expect(tenant.webhooks.list({ event: 'x' } as never).page()).rejects.toMatchObject(
    invalid(/"event".*eventType/),
  )
  await expect(tenant.webhooks.list({ status: 1 } as never).page()).rejects.toMatchObject(invalid('status'))
  await expect(tenant.webhooks.processDue({ max: 1 } as never)).rejects.toMatchObject(invalid(/"max".*limit/))
  await expect(tenant.webhooks.processDue({ limit: '5' } as never)).rejects.toMatchObject(invalid('limit'))
})

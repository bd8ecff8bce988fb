import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { toNodeHandler } from '../../src/http/to-node-handler.ts'
import { github } from '../../src/providers/github/github.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { stripe } from '../../src/providers/stripe/stripe.ts'
import { woocommerce } from '../../src/providers/woocommerce/woocommerce.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { fakeResponse, fakeRoutes } from '../../src/testing/fake-routes.ts'
import { signWebhook } from '../../src/testing/sign-webhook.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, testKey } from '../support/shop-world.ts'
import { startStripeServer } from '../support/stripe-server.ts'
import { startWooCommerceServer } from '../support/woocommerce-server.ts'

/** An application that providers reach over a socket. */
async function application<P extends AnyProvider>(provider: P) {
  let handle: ReturnType<typeof toNodeHandler> | undefined
  const server = createServer((request, response) => void handle?.(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  const clock = createFakeClock(new Date())
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [provider],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    webhooks: { baseUrl: `http://127.0.0.1:${port}/hooks` },
    audit: { bodies: 'always' },
    clock,
  })
  handle = toNodeHandler(connectors.handler)
  onTestFinished(async () => {
    await connectors.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { connectors, clock, acme: connectors.forTenant('acme'), baseUrl: `http://127.0.0.1:${port}/hooks` }
}

interface Hook {
  readonly id: number
  readonly active: boolean
  readonly events: readonly string[]
  readonly config: { readonly url: string; readonly secret: string; readonly content_type: string }
}

/** The webhooks of a repository, as https://docs.github.com/en/rest/repos/webhooks describes them: one a page. */
async function githubServer() {
  const hooks = new Map<number, Hook>()
  const path = '/repos/acme/app/hooks'
  const seen = ({ config, ...hook }: Hook) => ({ ...hook, config: { ...config, secret: '********' } })
  const server = await startFakeProvider(
    fakeRoutes({
      'GET /': () => ({}),
      [`GET ${path}`]: ({ query }) => {
        const page = Number(query.get('page') ?? 1)
        const [hook] = [...hooks.values()].slice(page - 1, page)
        const link = page < hooks.size ? { link: `<${path}?page=${page + 1}>; rel="next"` } : {}
        return fakeResponse(200, hook === undefined ? [] : [seen(hook)], link)
      },
      [`POST ${path}`]: ({ body }) => {
        const hook: Hook = { id: 100 + hooks.size, ...(JSON.parse(body) as Omit<Hook, 'id'>) }
        hooks.set(hook.id, hook)
        return fakeResponse(201, seen(hook))
      },
      [`PATCH ${path}/:id`]: ({ params, body }) => {
        const known = hooks.get(Number(params.id))
        if (known === undefined) return fakeResponse(404, { message: 'Not Found' })
        const hook: Hook = { ...known, ...(JSON.parse(body) as Partial<Hook>) }
        hooks.set(hook.id, hook)
        return seen(hook)
      },
      [`DELETE ${path}/:id`]: ({ params }) => {
        const isThere = hooks.delete(Number(params.id))
        return isThere ? fakeResponse(204) : fakeResponse(404, { message: 'Not Found' })
      },
    }),
  )
  onTestFinished(server.close)
  return { server, hooks }
}

describe('GitHub', () => {
  async function repository(webhookSecret?: string) {
    const { server, hooks } = await githubServer()
    const app = await application(github)
    const { id } = await app.acme.connections.create(github, {
      credentials: { token: 'github_pat_acme' },
      settings: { baseUrl: server.origin, repository: 'acme/app' },
      ...(webhookSecret !== undefined && { webhookSecret }),
    })
    await app.acme.connections.test(id)
    const deliver = async (hook: Hook) => {
      const rawBody = Buffer.from('{"action":"opened","repository":{"id":1,"full_name":"acme/app"}}')
      const signed = signWebhook(signatures.github, { rawBody, secret: hook.config.secret, now: new Date() })
      const headers = { ...signed, 'x-github-event': 'issues', 'x-github-delivery': crypto.randomUUID() }
      return (await fetch(hook.config.url, { method: 'POST', headers, body: rawBody })).status
    }
    return { ...app, server, hooks, id, deliver }
  }

  test('gets one webhook for the events, with a secret that was made and sealed, and its deliveries are accepted', async () => {
    const { acme, hooks, id, baseUrl, deliver } = await repository()
    const registered = await acme.webhooks.register(id, ['issues.opened', 'issues.closed', 'push'])
    const url = `${baseUrl}/${id}`
    expect(registered).toEqual([{ id: '100', url, events: ['issues', 'push'], isActive: true }])
    expect(await acme.webhooks.url(id)).toBe(url)
    const [hook] = hooks.values()
    expect(hook).toMatchObject({ active: true, config: { url, content_type: 'json', insecure_ssl: '0' } })
    expect(hook?.config.secret).toMatch(/^[\w-]{43}$/)
    if (hook === undefined) return
    expect(await deliver(hook)).toBe(200)
    expect(await acme.webhooks.subscriptions(id)).toEqual(registered)
  })

  test('is told the change when it is registered again, and keeps its webhook, its secret and those of others', async () => {
    const { acme, hooks, id, deliver } = await repository()
    const other = { url: 'https://other.example/hook', secret: 's', content_type: 'json' }
    hooks.set(7, { id: 7, active: true, events: ['push'], config: other })
    await acme.webhooks.register(id, ['push'])
    const [, first] = hooks.values()
    if (first === undefined) throw new Error('there is no webhook')
    // Turned off, and doubled by hand.
    hooks.set(first.id, { ...first, active: false })
    hooks.set(900, { ...first, id: 900 })
    expect(await acme.webhooks.register(id, ['*'])).toMatchObject([
      { id: String(first.id), events: ['*'], isActive: true },
    ])
    expect([...hooks.keys()]).toEqual([7, first.id])
    expect(hooks.get(first.id)?.config.secret).toBe(first.config.secret)
    expect(await deliver(first)).toBe(200)
    expect(await acme.webhooks.unregister(id)).toEqual([])
    expect([...hooks.keys()]).toEqual([7])
  })

  test('signs with the secret that the connection has, and with the new one after it was rotated and registered again', async () => {
    const { acme, hooks, id, deliver } = await repository('a secret by hand')
    await acme.webhooks.register(id, ['issues.*'])
    expect([...hooks.values()][0]?.config.secret).toBe('a secret by hand')
    await acme.connections.rotateWebhookSecret(id, { secret: 'the next one' })
    const [before] = hooks.values()
    await acme.webhooks.register(id, ['issues.*'])
    const [after] = hooks.values()
    expect(after?.config.secret).toBe('the next one')
    if (before === undefined || after === undefined) return
    expect(await deliver(before)).toBe(200)
    expect(await deliver(after)).toBe(200)
  })

  test('one that leads elsewhere is not ended, whoever names it', async () => {
    const { acme, hooks, id } = await repository()
    hooks.set(7, {
      id: 7,
      active: true,
      events: [],
      config: { url: 'https://x.example', secret: '', content_type: '' },
    })
    await acme.webhooks.register(id, ['push'])
    await expect(acme.webhooks.unregister(id, '7')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('there are: 101'),
    })
    expect(await acme.webhooks.unregister(id, '101')).toEqual([])
    expect([...hooks.keys()]).toEqual([7])
  })

  test('every request is in the audit trail under the verb, and no secret in it', async () => {
    const { acme, hooks, id } = await repository()
    await acme.webhooks.register(id, ['push'])
    const secret = [...hooks.values()][0]?.config.secret ?? ''
    await acme.webhooks.unregister(id)
    const rows = await acme.executions.list().all()
    expect(new Set(rows.map(({ action }) => action))).toEqual(
      new Set(['test', 'webhooks.register', 'webhooks.unregister']),
    )
    const trail = JSON.stringify(rows)
    expect(trail).toContain('insecure_ssl')
    expect(secret).not.toBe('')
    expect(trail).not.toContain(secret)
    expect(hooks.size).toBe(0)
  })

  test('what it refuses is refused, and says so', async () => {
    const { acme, server, id } = await repository()
    server.fail({ status: 404, body: { message: 'Not Found' } })
    await expect(acme.webhooks.register(id, ['push'])).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status: 404 })
    await acme.connections.disable(id)
    await expect(acme.webhooks.register(id, ['push'])).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  })
})

describe('WooCommerce', () => {
  async function store() {
    const server = await startWooCommerceServer({ orderCount: 1, productCount: 0, customerCount: 0 })
    onTestFinished(server.close)
    const app = await application(woocommerce)
    const { id } = await app.acme.connections.create(woocommerce, {
      credentials: { consumer_key: 'ck_acme', consumer_secret: 'cs_acme', store_url: server.storeUrl },
    })
    await app.acme.connections.test(id)
    return { ...app, server, id }
  }

  test('gets a webhook for each topic, is answered its ping, and delivers', async () => {
    const { acme, server, id } = await store()
    const registered = await acme.webhooks.register(id, ['order.created', 'customer.*'])
    expect(registered.flatMap(({ events }) => events)).toEqual([
      'order.created',
      'customer.created',
      'customer.updated',
      'customer.deleted',
    ])
    expect(server.pings).toEqual([200, 200, 200, 200])
    expect(await server.deliver('customer.deleted', { id: 7 })).toEqual([200])
    expect(await acme.webhooks.list({ eventType: 'customer.deleted' }).all()).toHaveLength(1)
  })

  test('a topic less is a webhook less, and one that was turned off is on again', async () => {
    const { acme, server, id } = await store()
    await acme.webhooks.register(id, ['order.created', 'order.updated'])
    for (const [key, webhook] of server.webhooks) server.webhooks.set(key, { ...webhook, status: 'disabled' })
    expect((await acme.webhooks.subscriptions(id)).map(({ isActive }) => isActive)).toEqual([false, false])
    expect(await acme.webhooks.register(id, ['order.updated'])).toMatchObject([{ id: '2', isActive: true }])
    expect([...server.webhooks.keys()]).toEqual([2])
    expect(await acme.webhooks.unregister(id)).toEqual([])
    expect(server.webhooks.size).toBe(0)
  })

  test('a topic that there is not is refused before anything is registered', async () => {
    const { acme, server, id } = await store()
    for (const events of [['order.shipped'], ['order.created', 'ord.*']]) {
      // The types don't allow them either.
      await expect(acme.webhooks.register(id, events as ['order.*'])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    expect(server.webhooks.size).toBe(0)
  })
})

describe('Stripe, which makes the secrets itself', () => {
  async function account() {
    const server = await startStripeServer()
    onTestFinished(server.close)
    const app = await application(stripe)
    const { id } = await app.acme.connections.create(stripe, {
      credentials: { secretKey: 'sk_test_acme' },
      settings: { baseUrl: server.origin },
    })
    await app.acme.connections.test(id)
    let count = 0
    const deliver = async (endpointId: string) => {
      count += 1
      const rawBody = Buffer.from(JSON.stringify({ id: `evt_${count}`, type: 'charge.succeeded' }))
      const now = app.clock.now()
      const headers = signWebhook(signatures.stripe, { rawBody, secret: `whsec_of_${endpointId}`, now })
      return (await fetch(`${app.baseUrl}/${id}`, { method: 'POST', headers, body: rawBody })).status
    }
    return { ...app, server, id, deliver }
  }

  test('the secret that it told once is sealed, and deliveries are accepted', async () => {
    const { acme, id, deliver } = await account()
    const [endpoint, ...others] = await acme.webhooks.register(id, ['charge.succeeded', 'charge.failed'])
    expect(others).toEqual([])
    expect(endpoint).toMatchObject({ events: ['charge.succeeded', 'charge.failed'], isActive: true })
    expect(JSON.stringify(endpoint)).not.toContain('whsec')
    expect(JSON.stringify(await acme.executions.list().all())).not.toContain('whsec')
    expect(await deliver(endpoint?.id ?? '')).toBe(200)
    expect(await deliver('webhook_endpoints_99')).toBe(401)
  })

  test('an endpoint whose secret is kept is changed', async () => {
    const { acme, id, server, deliver } = await account()
    const [first] = await acme.webhooks.register(id, ['charge.failed'])
    const [again] = await acme.webhooks.register(id, ['*'])
    expect(again).toEqual({ ...first, events: ['*'] })
    expect(server.countOf('webhook_endpoints')).toBe(1)
    expect(await deliver(first?.id ?? '')).toBe(200)
  })

  test('one whose secret got lost between the answer and the database is replaced', async () => {
    const { acme, id, baseUrl, server, deliver } = await account()
    server.put('webhook_endpoints', {
      id: 'we_lost',
      url: `${baseUrl}/${id}`,
      enabled_events: ['*'],
      status: 'enabled',
    })
    server.put('webhook_endpoints', {
      id: 'we_other',
      url: 'https://x.example',
      enabled_events: ['*'],
      status: 'enabled',
    })
    const [made] = await acme.webhooks.register(id, ['*'])
    expect(made?.id).not.toBe('we_lost')
    expect(server.countOf('webhook_endpoints')).toBe(2)
    expect(await deliver(made?.id ?? '')).toBe(200)
    expect(await deliver('we_lost')).toBe(401)
  })

  test('after its end deliveries that are on their way are accepted for a day', async () => {
    const { acme, id, clock, deliver } = await account()
    const [endpoint] = await acme.webhooks.register(id, ['*'])
    expect(await acme.webhooks.unregister(id)).toEqual([])
    expect(await deliver(endpoint?.id ?? '')).toBe(200)
    await clock.advance(24 * 3_600_000 + 1)
    expect(await deliver(endpoint?.id ?? '')).toBe(401)
  })

  test('groups, which it does not know, are refused', async () => {
    const { acme, id, server } = await account()
    await expect(acme.webhooks.register(id, ['charge.*'])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(server.countOf('webhook_endpoints')).toBe(0)
  })
})

test('a provider whose API can not do it says so, with the address to enter by hand', async () => {
  const { connectors, connect } = await createShopWorld({ webhooks: { baseUrl: 'https://app.test/hooks' } })
  const { id } = await connect('acme')
  const { webhooks } = connectors.forTenant('acme')
  for (const call of [webhooks.register(id, ['*']), webhooks.subscriptions(id), webhooks.unregister(id)]) {
    await expect(call).rejects.toMatchObject({ code: 'WEBHOOKS_UNSUPPORTED' })
  }
  expect(await webhooks.url(id)).toBe(`https://app.test/hooks/${id}`)
  await expect(connectors.forTenant('globex').webhooks.url(id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test('without webhooks.baseUrl nobody knows where to deliver to', async () => {
  const subscriptions = {
    secret: 'given',
    list: async () => [],
    put: async () => [],
    remove: async () => {},
  } as const
  const { connectors, connect } = await createShopWorld({ providers: [{ ...shop, subscriptions }] })
  const { id } = await connect('acme')
  const { webhooks } = connectors.forTenant('acme')
  for (const call of [webhooks.url(id), webhooks.register(id, ['*'])]) {
    await expect(call).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('webhooks.baseUrl'),
    })
  }
})

test.each([[[]], [['']], ['push'], [undefined], [[7]]])('events of %j are refused', async (events) => {
  const { connectors, connect } = await createShopWorld({ webhooks: { baseUrl: 'https://app.test/hooks' } })
  const { id } = await connect('acme')
  const call = connectors.forTenant('acme').webhooks.register(id, events as never)
  await expect(call).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

import { createHmac } from 'node:crypto'
import { memoryRepositories } from 'bapp-connectors/memory'
import { expect, onTestFinished, test } from 'vitest'
import { operatorScope } from '../../../src/core/domain/tenant.ts'
import { createConnectors } from '../../../src/create-connectors.ts'
import { defineShopify } from '../../../src/providers/shopify/define-shopify.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { testKey } from '../../support/shop-world.ts'
import { shopifyToken, startShopifyServer } from '../../support/shopify-server.ts'

async function begin(clientSecret = 'hush', repositories = memoryRepositories<string>()) {
  const shop = await startShopifyServer()
  const shopify = defineShopify(() => shop.service.origin)
  const clock = createFakeClock()
  const connectors = createConnectors(repositories, {
    providers: [shopify],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    webhooks: { baseUrl: 'https://app.test/webhooks' },
    oauth: { baseUrl: 'https://app.test/oauth', apps: { shopify: { clientId: 'app', clientSecret } } },
    clock,
  })
  onTestFinished(async () => {
    await connectors.close()
    await shop.service.close()
  })
  const acme = connectors.forTenant('acme')
  const settings = { shop: 'acme.myshopify.com' }
  const { url, cookie } = await acme.oauth.authorize({ provider: shopify, actor: 'ann', settings })
  const consent = new URL(url)
  return {
    shop,
    connectors,
    acme,
    shopify,
    clock,
    consent,
    /** Comes back with these parameters, signed by Shopify's secret or another one. */
    async comeBack(changes: Readonly<Record<string, string>> = {}, secret = 'hush') {
      const query = new URLSearchParams({
        code: 'good',
        host: 'YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvYWNtZQ==',
        shop: 'acme.myshopify.com',
        state: consent.searchParams.get('state') ?? '',
        timestamp: '1767225600',
        ...changes,
      })
      query.sort()
      const hmac = createHmac('sha256', secret).update(query.toString()).digest('hex')
      const back = `https://app.test/oauth/callback/shopify?hmac=${hmac}&${query}`
      return acme.oauth.callback({
        provider: 'shopify',
        url: back,
        cookie: (cookie ?? '').split(';')[0] ?? '',
        actor: 'ann',
      })
    },
  }
}

test('a shop is connected on its own consent page, and its token is renewed', async () => {
  const { acme, shop, shopify, consent, comeBack, clock } = await begin()
  expect(consent.pathname).toBe('/admin/oauth/authorize')
  expect(Object.fromEntries(consent.searchParams)).toMatchObject({
    client_id: 'app',
    scope: 'read_orders,read_products,read_customers',
    redirect_uri: 'https://app.test/oauth/callback/shopify',
  })
  expect(consent.searchParams.has('code_challenge')).toBe(false)
  const outcome = await comeBack()
  expect(outcome).toMatchObject({
    status: 'connected',
    isNew: true,
    connection: { externalAccountId: 'acme.myshopify.com', displayName: 'Acme', isConnected: true },
  })
  expect(shop.tokenRequests).toMatchObject([{ code: 'good', client_id: 'app', client_secret: 'hush', expiring: '1' }])
  const [connection] = await acme.connections.list().all()
  if (connection === undefined) throw new Error('there is no connection')
  const adapter = await acme.connections.adapter(connection.id, shopify)
  await clock.advance(3_600_000)
  expect(await adapter.getOrder('1')).toMatchObject({ externalId: '1' })
  expect(shop.tokenRequests.slice(1)).toMatchObject([{ grant_type: 'refresh_token', refresh_token: 'shprt_1' }])
})

test.each([
  ['signed by somebody else', {}, 'rush'],
  ['about another shop', { shop: 'globex.myshopify.com' }, 'hush'],
])('a code that comes back %s is not used', async (_what, changes, secret) => {
  const { acme, shop, comeBack } = await begin()
  expect(await comeBack(changes, secret)).toMatchObject({ status: 'refused', reason: 'otherIssuer' })
  expect(shop.tokenRequests).toEqual([])
  expect(await acme.connections.list().all()).toEqual([])
})

test('the webhooks of a shop that was connected so are accepted with the secret of the app, and with no other', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, acme, shop, comeBack } = await begin('hush', repositories)
  const outcome = await comeBack()
  if (outcome.status !== 'connected') throw new Error(outcome.status)
  const { id } = outcome.connection
  const deliver = async (secret: string, order: number, to = connectors) => {
    const body = JSON.stringify({ id: order })
    const headers = {
      'x-shopify-topic': 'orders/create',
      'x-shopify-webhook-id': `d${order}`,
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
    }
    const request = new Request(await acme.webhooks.url(id), { method: 'POST', headers, body })
    return (await to.handler(request)).status
  }
  expect(await deliver('hush', 1)).toBe(401)
  await acme.webhooks.register(id, ['order.created'])
  expect([...shop.webhooks.values()].map(({ topic }) => topic)).toEqual(['ORDERS_CREATE'])
  expect(await deliver('hush', 1)).toBe(200)
  expect(await deliver('rush', 2)).toBe(401)

  // What was typed in before the consent is of another app, and signs nothing of this one.
  const credentials = { accessToken: shopifyToken, refreshToken: 'shprt_1', apiSecretKey: 'rush' }
  await acme.connections.rotateCredentials(id, credentials)
  await acme.webhooks.register(id, ['order.created'])
  expect(await deliver('hush', 3)).toBe(200)
  expect(await deliver('rush', 4)).toBe(401)

  // Each delivery is tried with all of them.
  const sealedSecrets = async () =>
    (await repositories.connections.find({ scope: operatorScope, id }))?.webhookSecretsEncrypted?.length
  const before = await sealedSecrets()
  await acme.webhooks.register(id, ['order.created'])
  expect(await sealedSecrets()).toBe(before)
  const sealed = JSON.stringify([await acme.connections.get(id), await acme.webhooks.subscriptions(id)])
  expect(sealed).not.toContain('hush')

  // The app's new one counts at once; the old one for a day more.
  const next = await begin('hush-2', repositories)
  await next.acme.webhooks.register(id, ['order.created'])
  expect([await deliver('hush', 5, next.connectors), await deliver('hush-2', 6, next.connectors)]).toEqual([200, 200])
  await next.clock.advance(24 * 3_600_000)
  expect([await deliver('hush', 7, next.connectors), await deliver('hush-2', 8, next.connectors)]).toEqual([401, 200])
})

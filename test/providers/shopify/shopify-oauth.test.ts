import { createHmac } from 'node:crypto'
import { memoryRepositories } from 'bapp-connectors/memory'
import { expect, onTestFinished, test } from 'vitest'
import { createConnectors } from '../../../src/create-connectors.ts'
import { defineShopify } from '../../../src/providers/shopify/define-shopify.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { testKey } from '../../support/shop-world.ts'
import { startShopifyServer } from '../../support/shopify-server.ts'

async function begin() {
  const shop = await startShopifyServer()
  const shopify = defineShopify(() => shop.service.origin)
  const clock = createFakeClock()
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [shopify],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    oauth: { baseUrl: 'https://app.test/oauth', apps: { shopify: { clientId: 'app', clientSecret: 'hush' } } },
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

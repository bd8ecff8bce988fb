import { memoryRepositories } from 'bapp-connectors/memory'
import { shopify } from 'bapp-connectors/providers/shopify'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import type { AdapterOf } from '../../../src/core/domain/provider.ts'
import { createConnectors } from '../../../src/create-connectors.ts'
import { customerSchema, orderSchema, productSchema, type ShopAdapter } from '../../../src/families/shop/index.ts'
import { signatures } from '../../../src/providers/kit/signatures.ts'
import { isSignedByShopify } from '../../../src/providers/shopify/callback-hmac.ts'
import { defineShopify } from '../../../src/providers/shopify/define-shopify.ts'
import { signWebhook } from '../../../src/testing/sign-webhook.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { createProviderContext } from '../../support/provider-context.ts'
import { testKey } from '../../support/shop-world.ts'
import { shopifyOrder, shopifyProduct, shopifyToken, startShopifyServer } from '../../support/shopify-server.ts'

const at = '2026-01-31T12:00:00Z'

async function connected(
  options: {
    readonly count?: number
    readonly settings?: object
    readonly secret?: string
    readonly app?: string
  } = {},
) {
  const shop = await startShopifyServer(options)
  const provider = defineShopify(() => shop.service.origin)
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [provider],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    webhooks: {
      baseUrl: 'https://app.test/webhooks',
      ...(options.app !== undefined && { apps: { shopify: { secrets: [options.app] } } }),
    },
    clock: createFakeClock(),
  })
  onTestFinished(async () => {
    await connectors.close()
    await shop.service.close()
  })
  const acme = connectors.forTenant('acme')
  const { id } = await acme.connections.create(provider, {
    credentials: { accessToken: shopifyToken, ...(options.secret !== undefined && { apiSecretKey: options.secret }) },
    settings: { shop: 'Acme.myshopify.com ', ...options.settings },
  })
  expect((await acme.connections.test(id)).status).toBe('connected')
  return { shop, connectors, acme, id, adapter: await acme.connections.adapter(id, provider) }
}

/** An adapter by itself, whose waits are over at once. */
async function bare() {
  const shop = await startShopifyServer()
  onTestFinished(() => shop.service.close())
  const { context, waits } = createProviderContext()
  const credentials = { accessToken: shopifyToken }
  const settings = { shop: 'acme.myshopify.com' }
  return { shop, waits, adapter: defineShopify(() => shop.service.origin).build({ ...context, credentials, settings }) }
}

const throttled = (requestedQueryCost: number, currentlyAvailable: number) => ({
  status: 200,
  body: {
    errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
    extensions: {
      cost: {
        requestedQueryCost,
        actualQueryCost: null,
        throttleStatus: { maximumAvailable: 1000.0, currentlyAvailable, restoreRate: 50.0 },
      },
    },
  },
})

test('its adapter is one of the shop family', () => {
  expectTypeOf<AdapterOf<typeof shopify>>().toExtend<ShopAdapter>()
})

test.each([
  'acme.example',
  'acme.myshopify.com.evil.example',
  'evil.example/acme.myshopify.com',
  'a.b.myshopify.com',
  '-.myshopify.com',
])('a token is never sent to %s', (shop) => {
  expect(shopify.settings.safeParse({ shop }).success).toBe(false)
  expect(shopify.settings.safeParse({ shop: 'acme.myshopify.com' }).success).toBe(true)
})

describe('the methods', () => {
  test('read orders as the family wants them, and no query costs more than Shopify allows', async () => {
    const { adapter, shop } = await connected()
    const order = await adapter.getOrder('1')
    expect(orderSchema.parse(order)).toEqual(order)
    expect(order).toMatchObject({
      externalId: '1',
      number: '#101',
      status: 'processing',
      providerStatus: 'PAID',
      total: { amount: '28.70', currency: 'EUR' },
      items: [
        {
          externalId: '1000',
          productExternalId: '7',
          variantExternalId: null,
          totalTax: { amount: '3.80', currency: 'EUR' },
        },
      ],
      billingAddress: { firstName: 'Ada', street2: null, countryCode: 'GB' },
      shippingAddress: null,
      note: null,
      paidAt: new Date('2026-01-01T00:00:00Z'),
    })
    const product = await adapter.getProduct('1')
    expect(productSchema.parse(product)).toEqual(product)
    expect(product).toMatchObject({
      sku: 'P-1-0',
      price: { amount: '12.5', currency: 'EUR' },
      stockQuantity: 5,
      isPublished: true,
    })
    const { items } = await adapter.getCustomers()
    expect(items.map((customer) => customerSchema.parse(customer))).toEqual(items)
    await adapter.getOrders()
    await adapter.getProducts()
    expect(Math.max(...shop.costs)).toBeLessThanOrEqual(1_000)
    await expect(adapter.getOrder('99')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status: 404 })
    await expect(adapter.getOrder('gid://shopify/Product/1')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('read all lines of an order, however many, alone and in listings', async () => {
    const { adapter, shop } = await connected()
    shop.store.orders.set('2', shopifyOrder(2, at, 123))
    const ids = Array.from({ length: 123 }, (_, index) => String(2_000 + index))
    expect((await adapter.getOrder('2')).items.map(({ externalId }) => externalId)).toEqual(ids)
    const listed = (await adapter.getOrders()).items.find(({ externalId }) => externalId === '2')
    expect(listed?.items.map(({ externalId }) => externalId)).toEqual(ids)
  })

  test.each([
    [{ cancelledAt: at, closedAt: at }, 'CANCELLED', 'cancelled'],
    [{ displayFinancialStatus: 'REFUNDED' }, 'REFUNDED', 'refunded'],
    [{ closedAt: at, displayFulfillmentStatus: 'FULFILLED' }, 'CLOSED', 'completed'],
    [{ displayFulfillmentStatus: 'FULFILLED' }, 'FULFILLED', 'shipped'],
    [{ displayFinancialStatus: 'PENDING' }, 'PENDING', 'pending'],
    [{ displayFulfillmentStatus: 'SOMETHING_NEW' }, 'SOMETHING_NEW', null],
  ])('make one status of %j', async (values, providerStatus, status) => {
    const { adapter, shop } = await connected()
    shop.change('orders', 1, at, values)
    expect(await adapter.getOrder('1')).toMatchObject({ providerStatus, status })
  })

  test('set what can be set, and say what Shopify refused', async () => {
    const { adapter, shop } = await connected({ settings: { status_map_outbound: { delivered: 'closed' } } })
    await adapter.updateOrderStatus('1', 'shipped')
    await adapter.updateOrderStatus('1', 'delivered')
    await adapter.updateOrderStatus('1', 'processing')
    await adapter.updateProductStock('1', 7)
    await adapter.updateProductPrice('1', '9.90')
    expect(shop.mutations).toMatchObject([
      {
        name: 'fulfillmentCreate',
        args: {
          fulfillment: { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: 'gid://shopify/FulfillmentOrder/1' }] },
        },
      },
      { name: 'orderClose', args: { input: { id: 'gid://shopify/Order/1' } } },
      { name: 'orderOpen' },
      {
        name: 'inventorySetQuantities',
        args: {
          input: {
            quantities: [{ inventoryItemId: 'gid://shopify/InventoryItem/10', quantity: 7, changeFromQuantity: null }],
          },
        },
      },
      {
        name: 'productVariantsBulkUpdate',
        args: { variants: [{ id: 'gid://shopify/ProductVariant/10', price: '9.90' }] },
      },
    ])
    await expect(adapter.updateOrderStatus('1', 'cancelled')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    shop.userErrors = [{ field: ['variants', '0', 'price'], message: 'Price is too high' }]
    await expect(adapter.updateProductPrice('1', '99999999999')).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      message: expect.stringContaining('Price is too high (variants.0.price)'),
    })
    shop.store.products.set('2', shopifyProduct(2, at, 3))
    await expect(adapter.updateProductPrice('2', '1')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await adapter.getProduct('2')).toMatchObject({ sku: null })
  })
})

describe('a query that costs more than is left', () => {
  test('waits as long as the missing points take, and is asked again', async () => {
    const { adapter, shop, waits } = await bare()
    shop.service.fail(throttled(202, 102), 1)
    const asked = shop.service.requests.length
    expect(await adapter.getOrder('1')).toMatchObject({ externalId: '1' })
    expect(shop.service.requests.length - asked).toBe(2)
    expect(waits).toEqual([2_000])
  })

  test('tells how long it would have to wait, if that is long', async () => {
    const { adapter, shop } = await bare()
    shop.service.fail(throttled(1_000, 0), 1)
    await expect(adapter.getOrder('1')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 20_000 })
  })

  test('is not asked again if it changes something', async () => {
    const { adapter, shop } = await bare()
    await adapter.getProduct('1')
    shop.service.fail({ status: 503 }, 1)
    const asked = shop.service.requests.length
    await expect(adapter.deleteWebhook('1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
    expect(shop.service.requests.length - asked).toBe(1)
  })

  test.each([
    ['ACCESS_DENIED', 'PERMISSION_DENIED'],
    ['INTERNAL_SERVER_ERROR', 'PROVIDER_UNAVAILABLE'],
    ['SOMETHING_ELSE', 'PROVIDER_REJECTED'],
  ])('an error %s is %s, even beside data', async (code, expected) => {
    const { adapter, shop } = await bare()
    const body = { data: { found: null }, errors: [{ message: 'No.', extensions: { code } }] }
    shop.service.fail({ status: 200, body }, Number.POSITIVE_INFINITY)
    await expect(adapter.getOrder('1')).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining(code),
    })
    shop.service.recover()
  })
})

test('the next run delivers what changed, also at the very second where the last one ended, and nothing twice', async () => {
  const { acme, id, shop } = await connected({ count: 47 })
  const seen: string[] = []
  const run = async () => {
    seen.length = 0
    const onPage = async ({ items }: { items: readonly unknown[] }) =>
      void seen.push(...items.map((item) => (item as { externalId: string }).externalId))
    expect(await acme.sync.run(id, 'orders', { onPage })).toMatchObject({ status: 'completed' })
    return [...seen]
  }
  // One that changes while we page moves to the end, and all behind it move forward.
  let lists = 0
  shop.beforeList = () => {
    lists += 1
    if (lists === 2) shop.change('orders', 1, at)
  }
  expect(new Set(await run()).size).toBe(47)
  expect(await run()).toEqual([])
  shop.change('orders', 5, at)
  shop.change('orders', 6, '2026-01-31T12:00:01Z')
  shop.change('orders', 7, shop.now.toISOString())
  expect(await run()).toEqual(['5', '6'])
  shop.now = new Date(shop.now.getTime() + 10_000)
  expect(await run()).toEqual(['7'])
})

describe('webhooks', () => {
  const accounts = (headers: Record<string, string>, body: object) =>
    shopify.webhooks?.accounts?.({ headers, rawBody: Buffer.from(JSON.stringify(body)) })
  const from = (shop: string) => ({ 'x-shopify-shop-domain': shop })

  test('are about the shop that the signed body names, whatever the header says', () => {
    const acme = 'acme.myshopify.com'
    expect(accounts(from(acme), { myshopify_domain: acme })).toEqual([acme])
    expect(accounts(from(acme), { shop_domain: acme, shop_id: 1 })).toEqual([acme])
    expect(accounts({}, { shop_domain: acme })).toEqual([acme])
    expect(accounts(from(acme), { shop_domain: 'globex.myshopify.com' })).toEqual([])
    expect(accounts(from(acme), { shop_domain: acme, myshopify_domain: 'globex.myshopify.com' })).toEqual([])
    expect(accounts(from(acme), { shop_domain: 'acme.example' })).toEqual([])
    expect(accounts(from('acme.example'), {})).toEqual([])
    expect(accounts({}, {})).toEqual([])
  })

  test('that were captured can not be aimed at another shop by the address of the app', async () => {
    const { connectors, acme, id } = await connected({ app: 'shpss_app' })
    await connectors.operator.connections.setExternalAccount(id, 'acme.myshopify.com')
    const send = (body: object, shop: string) => {
      const rawBody = Buffer.from(JSON.stringify(body))
      const said = { 'x-shopify-topic': 'orders/create', 'x-shopify-webhook-id': '1', ...from(shop) }
      const signed = signWebhook(signatures.shopify, { rawBody, secret: 'shpss_app', now: new Date(at) })
      return connectors.operator.webhooks.receiveForApp('shopify', { headers: { ...said, ...signed }, body: rawBody })
    }
    // The order of another shop, sent again with the name of this one.
    expect(await send({ id: 1 }, 'acme.myshopify.com')).toMatchObject({ status: 'unmatched', accounts: [] })
    const redact = { shop_domain: 'globex.myshopify.com' }
    expect(await send(redact, 'acme.myshopify.com')).toMatchObject({ status: 'unmatched', accounts: [] })
    expect(await acme.webhooks.list().all()).toEqual([])
    expect(await send({ shop_domain: 'acme.myshopify.com' }, 'acme.myshopify.com')).toMatchObject({
      status: 'accepted',
    })
  })

  test('are told apart by what they are about, whose id may be larger than a number', () => {
    const order = { id: 1, admin_graphql_api_id: 'gid://shopify/Order/820982911946154508' }
    expect(shopify.webhooks?.orderKey?.({ 'x-shopify-topic': 'orders/updated' }, order)).toBe(
      'orders/820982911946154508',
    )
    expect(shopify.webhooks?.orderKey?.({ 'x-shopify-topic': 'shop/redact' }, {})).toBeNull()
    expect(shopify.webhooks?.eventType({ 'x-shopify-topic': 'fulfillments/create' }, {})).toBe('fulfillments.create')
  })

  test('are registered once for each type, with the secret of the custom app', async () => {
    const { acme, id, shop } = await connected({ secret: 'secret_of_the_app' })
    await acme.webhooks.register(id, ['order.*', 'app.uninstalled'])
    await acme.webhooks.register(id, ['order.created', 'product.updated'])
    const topics = [...shop.webhooks.values()].map(({ topic }) => topic)
    expect(topics.sort()).toEqual(['ORDERS_CREATE', 'PRODUCTS_UPDATE'])
    expect((await acme.webhooks.subscriptions(id)).map(({ events }) => events)).toEqual([
      ['order.created'],
      ['product.updated'],
    ])
    await acme.webhooks.unregister(id)
    expect(shop.webhooks.size).toBe(0)
  })

  test('are not registered where nobody knows what they will be signed with', async () => {
    const { acme, id, shop } = await connected()
    await expect(acme.webhooks.register(id, ['*'])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(shop.webhooks.size).toBe(0)
  })
})

describe('the consent page', () => {
  // The example of Shopify's documentation, with its state.
  const example =
    'code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173'

  test('is believed if it signed what came back, whatever the order', () => {
    expect(isSignedByShopify(new URLSearchParams(example), 'hush')).toBe(true)
    expect(isSignedByShopify(new URLSearchParams(example.split('&').reverse().join('&')), 'hush')).toBe(true)
  })

  test.each([
    ['another secret', example, 'rush'],
    ['no secret', example, ''],
    ['another code', example.replace('code=0', 'code=1'), 'hush'],
    ['one more parameter', `${example}&admin=1`, 'hush'],
    ['a parameter that is there twice', `${example}&shop=globex.myshopify.com`, 'hush'],
    ['no signature', example.replace(/hmac=\w+&/, ''), 'hush'],
    ['a boundary that moved', example.replace('&shop=', '%26shop='), 'hush'],
  ])('is not believed with %s', (_what, query, secret) => {
    expect(isSignedByShopify(new URLSearchParams(query), secret)).toBe(false)
  })

  test('has to be about the shop that was asked for', () => {
    const answer = { query: new URLSearchParams(example), clientId: 'id', clientSecret: 'hush' }
    const check = (shop: string, clientSecret: string | null = 'hush') =>
      shopify.oauth?.checkCallback({ ...answer, clientSecret, settings: { shop } })
    expect(check('some-shop.myshopify.com')).toBe(true)
    expect(check('acme.myshopify.com')).toBe(false)
    expect(check('some-shop.myshopify.com', null)).toBe(false)
  })

  test('leads to credentials that are refreshed, and keep what was typed in', () => {
    const tokens = {
      accessToken: 'shpat_new',
      refreshToken: 'shprt_new',
      expiresAt: new Date(at),
      scopes: null,
      claims: null,
      answer: {},
    }
    const made = shopify.oauth?.credentials(tokens, { accessToken: 'shpat_old', apiSecretKey: 'secret_of_the_app' })
    const credentials = shopify.credentials.parse(made)
    expect(credentials).toMatchObject({ accessToken: 'shpat_new', apiSecretKey: 'secret_of_the_app' })
    expect(shopify.oauth?.tokens(credentials)).toEqual({ refreshToken: 'shprt_new', expiresAt: new Date(at) })
  })
})

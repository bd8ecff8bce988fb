import { createHmac } from 'node:crypto'
import { memoryRepositories } from 'bapp-connectors/memory'
import { type WooCommerceEvent, woocommerce } from 'bapp-connectors/providers/woocommerce'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import type { z } from 'zod'
import type { AdapterOf } from '../../../src/core/domain/provider.ts'
import { createConnectors } from '../../../src/create-connectors.ts'
import { customerSchema, orderSchema, productSchema, type ShopAdapter } from '../../../src/families/shop/index.ts'
import { startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { testKey } from '../../support/shop-world.ts'
import { startWooCommerceServer, wooOrder, wooProduct } from '../../support/woocommerce-server.ts'

type Settings = z.input<typeof woocommerce.settings>

const at = '2026-01-31T12:00:00'
// As WordPress shows it, and as people copy it from there.
const secret = 'Tom &amp; &quot;Jerry&quot; &lt;3'

async function connect(settings: Settings = {}, key: { readonly secret?: string } = {}) {
  const shop = await startWooCommerceServer({ orderCount: 3, productCount: 3, customerCount: 3 })
  const events: WooCommerceEvent[] = []
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [woocommerce],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    clock: createFakeClock(),
  })
  const receiver = await startFakeProvider(async ({ method, url, headers, body }, response) => {
    const answer = await connectors.handler(
      new Request(`http://app.test${url}`, { method, headers: headers as never, body }),
    )
    response.writeHead(answer.status).end(await answer.text())
  })
  onTestFinished(async () => {
    await connectors.close()
    await receiver.close()
    await shop.close()
  })
  connectors.webhooks.handle('*', async ({ event }) => void events.push(event))
  const acme = connectors.forTenant('acme')
  const { id } = await acme.connections.create(woocommerce, {
    credentials: { consumer_key: 'ck_acme', consumer_secret: key.secret ?? 'cs_acme', store_url: `${shop.storeUrl}/` },
    settings,
    webhookSecret: secret,
  })
  const tested = await acme.connections.test(id)
  const adapter = tested.status === 'connected' ? await acme.connections.adapter(id, woocommerce) : null
  return {
    shop,
    acme,
    id,
    tested,
    events,
    adapter,
    close: () => connectors.close(),
    deliveryUrl: `${receiver.origin}/webhooks/${id}`,
  }
}

async function connected(settings: Settings = {}) {
  const { adapter, ...world } = await connect(settings)
  if (adapter === null) throw new Error('the connection is not connected')
  return { ...world, adapter }
}

test('its adapter is one of the shop family', () => {
  expectTypeOf<AdapterOf<typeof woocommerce>>().toExtend<ShopAdapter>()
})

describe('the methods', () => {
  test('read orders as the family wants them: money as text, no empty texts, instants in UTC', async () => {
    const { adapter } = await connected()
    const order = await adapter.getOrder('1')
    expect(orderSchema.parse(order)).toEqual(order)
    expect(order).toMatchObject({
      externalId: '1',
      status: 'processing',
      providerStatus: 'processing',
      total: { amount: '28.70', currency: 'EUR' },
      shippingTotal: { amount: '4.90', currency: 'EUR' },
      items: [
        {
          name: 'Salt & pepper',
          quantity: 2,
          productExternalId: '7',
          variantExternalId: null,
          total: { amount: '20.00', currency: 'EUR' },
        },
      ],
      customerExternalId: '1',
      billingAddress: { firstName: 'Ada', company: null, countryCode: 'GB' },
      shippingAddress: null,
      note: null,
      paidAt: null,
      createdAt: new Date('2026-01-01T00:00:00Z'),
    })
    expect(order.raw).toMatchObject({ date_created_gmt: '2026-01-01T00:00:00', line_items: [{ price: 10 }] })
    expect((await adapter.getOrder('2')).customerExternalId).toBeNull()
  })

  test('translate statuses as the tenant says, in both directions', async () => {
    const { adapter, shop } = await connected({
      status_map_inbound: { 'wc-custom-status': 'processing' },
      status_map_outbound: { shipped: 'wc-custom-shipped' },
    })
    shop.change('orders', 1, at, { status: 'custom-status' })
    shop.change('orders', 2, at, { status: 'checkout-draft' })
    expect((await adapter.getOrder('1')).status).toBe('processing')
    expect(await adapter.getOrder('2')).toMatchObject({ status: null, providerStatus: 'checkout-draft' })
    expect((await adapter.updateOrderStatus('1', 'shipped')).providerStatus).toBe('custom-shipped')
    expect((await adapter.updateOrderStatus('1', 'completed')).status).toBe('completed')
    await expect(adapter.updateOrderStatus('1', 'delivered')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('read products with the currency of the shop, and set stock and price', async () => {
    const { adapter, shop } = await connected({ prices_include_vat: true, vat_rate: '0.19' })
    const product = await adapter.getProduct('1')
    expect(productSchema.parse(product)).toEqual(product)
    expect(product).toMatchObject({
      name: 'Mug – 1',
      price: { amount: '12.50', currency: 'EUR' },
      priceIncludesVat: true,
      vatRate: '0.19',
      stockQuantity: 5,
      isAvailable: true,
      isPublished: true,
    })
    expect((await adapter.updateProductStock('1', 0)).stockQuantity).toBe(0)
    expect((await adapter.updateProductPrice('1', '9.90')).price).toEqual({ amount: '9.90', currency: 'EUR' })
    await expect(adapter.updateProductPrice('1', '9,90')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    shop.change('products', 2, at, { price: '', manage_stock: false, stock_status: 'outofstock', status: 'draft' })
    expect(await adapter.getProduct('2')).toMatchObject({
      price: null,
      stockQuantity: null,
      isAvailable: false,
      isPublished: false,
    })
    expect(shop.requests.filter((request) => request.includes('/data/currencies/current'))).toHaveLength(1)
  })

  test('do not go down with the call of somebody else that is called off', async () => {
    const { adapter } = await connected()
    const mine = new AbortController()
    const calls = [adapter.getProducts({ signal: mine.signal }), adapter.getProducts()]
    mine.abort()
    const [off, on] = await Promise.allSettled(calls)
    expect(off).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } })
    expect(on?.status).toBe('fulfilled')
  })

  test('take the currency from the settings where it is said', async () => {
    const { adapter, shop } = await connected({ currency: 'RON' })
    expect((await adapter.getProducts()).items[0]?.price).toEqual({ amount: '12.50', currency: 'RON' })
    expect(shop.requests.filter((request) => request.includes('currencies'))).toEqual([])
  })

  test('read what changed at an instant or later', async () => {
    const { adapter, shop } = await connected()
    shop.change('orders', 2, at)
    shop.change('customers', 3, at)
    const since = new Date(`${at}Z`)
    expect((await adapter.getOrders({ since })).items.map(({ externalId }) => externalId)).toEqual(['2'])
    const customers = await adapter.getCustomers({ since })
    expect(customers.items.map((customer) => customerSchema.parse(customer).externalId)).toEqual(['3'])
  })

  test.each(['0', '1/../2', '-1', 'abc', ''])('refuse %j for an id, before anything is sent', async (externalId) => {
    const { adapter, shop } = await connected()
    const asked = shop.requests.length
    await expect(adapter.getOrder(externalId)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(shop.requests).toHaveLength(asked)
  })
})

describe('the settings', () => {
  test.each([
    [{ vat_rate: 'not_a_number' }, 'vat_rate'],
    [{ vat_rate: '19' }, 'vat_rate'],
    [{ vat_rate: '-0.1' }, 'vat_rate'],
    [{ currency: 'eur' }, 'currency'],
    [{ status_map_inbound: { x: 'lost' } }, 'status_map_inbound'],
    [{ vatRate: '0.19' }, 'vatRate'],
  ])('%j are refused by name', (settings, name) => {
    const parsed = woocommerce.settings.safeParse(settings)
    expect(JSON.stringify(parsed.error?.issues)).toContain(name)
  })

  test('take a VAT rate as a number too, and make text of it', () => {
    expect(woocommerce.settings.parse({ vat_rate: 0.19 })).toEqual({ vat_rate: '0.19', authentication: 'basic' })
  })

  test.each(['myshop.com', 'ftp://myshop.com', 'https://me:secret@myshop.com'])('%s is no address of a shop', (url) => {
    const credentials = { consumer_key: 'ck_1', consumer_secret: 'cs_1', store_url: url }
    expect(woocommerce.credentials.safeParse(credentials).success).toBe(false)
  })
})

describe('the keys', () => {
  test('go into the query where the tenant asks for it, and into no row of the audit log', async () => {
    const { shop, acme, id, tested } = await connect({ authentication: 'query' })
    expect(tested.status).toBe('connected')
    expect(shop.requests[0]).toContain('consumer_key=ck_acme&consumer_secret=cs_acme')
    const {
      items: [row],
    } = await acme.executions.list({ connectionId: id }).page()
    expect(row?.url).toBe(
      `${shop.storeUrl}/wp-json/wc/v3/orders?per_page=1&_fields=id&consumer_key=[redacted]&consumer_secret=[redacted]`,
    )
  })

  test('are refused when the secret is wrong', async () => {
    const { tested } = await connect({}, { secret: 'cs_wrong' })
    expect(tested).toMatchObject({ status: 'refused' })
  })

  test('that the shop does not know are refused, though it says only that nobody may see this', async () => {
    const { shop, acme, id } = await connected()
    shop.keys.clear()
    expect(await acme.connections.test(id)).toMatchObject({ status: 'refused' })
  })

  test('that may only read are told from wrong ones: such a write does not count against the connection', async () => {
    const { adapter, shop, acme, id } = await connected()
    shop.keys.set('ck_acme', { secret: 'cs_acme', permissions: 'read' })
    for (let nth = 0; nth < 4; nth += 1) {
      await expect(adapter.updateOrderStatus('1', 'completed')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    }
    expect(await acme.connections.get(id)).toMatchObject({ isEnabled: true, authFailureCount: 0 })
    shop.keys.clear()
    await expect(adapter.updateOrderStatus('1', 'completed')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  })
})

describe('what goes wrong', () => {
  test.each([
    [200, '<html>Just a moment…</html>', 'PROVIDER_UNAVAILABLE'],
    [200, '[{"id":1,"number":"1"', 'PROVIDER_UNAVAILABLE'],
    [403, '<html>Forbidden</html>', 'PERMISSION_DENIED'],
    [403, '{"code":"woocommerce_rest_cannot_view","message":"Sorry"}', 'PERMISSION_DENIED'],
    [404, '{"code":"rest_no_route","message":"No route was found"}', 'PROVIDER_REJECTED'],
    [429, '{}', 'RATE_LIMITED'],
    [503, 'maintenance', 'PROVIDER_UNAVAILABLE'],
  ])('a %i with %s is %s', async (status, body, code) => {
    const { adapter, shop } = await connected()
    shop.intercept = (_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html', 'retry-after': '60' }).end(body)
      return true
    }
    await expect(adapter.getOrder('1')).rejects.toMatchObject({ code })
  })

  test('an order without a documented member names it', async () => {
    const { adapter, shop } = await connected()
    shop.change('orders', 1, at, { total: 'a lot' })
    await expect(adapter.getOrder('1')).rejects.toMatchObject({
      code: 'PROVIDER_FAILED',
      message: expect.stringContaining('total') as string,
    })
  })
})

describe('webhooks', () => {
  test('are registered, pinged, listed and deleted', async () => {
    const { adapter, shop, acme, deliveryUrl } = await connected()
    const webhook = await adapter.registerWebhook({ topic: 'order.created', deliveryUrl, secret })
    expect(webhook).toMatchObject({ topic: 'order.created', deliveryUrl, status: 'active' })
    // The ping is unsigned and leaves no trace: neither a delivery nor a rejection.
    expect(shop.pings).toEqual([200])
    expect((await acme.webhooks.list().page()).items).toEqual([])
    expect(await adapter.listWebhooks()).toEqual([webhook])
    await adapter.deleteWebhook(webhook.externalId)
    expect(shop.webhooks.size).toBe(0)
    await expect(
      adapter.registerWebhook({ topic: 'order.shipped' as never, deliveryUrl, secret }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('arrive signed with the decoded secret, are typed, and count once', async () => {
    const { adapter, shop, events, close, deliveryUrl } = await connected()
    for (const topic of ['order.created', 'order.deleted', 'product.updated'] as const) {
      await adapter.registerWebhook({ topic, deliveryUrl, secret })
    }
    const order = wooOrder(9, at)
    expect(await shop.deliver('order.created', order, { deliveryId: 'd1' })).toEqual([200])
    expect(await shop.deliver('order.created', order, { deliveryId: 'd1' })).toEqual([200])
    // WooCommerce makes the id of webhook and second: another order within the second has the same.
    await shop.deliver('order.created', wooOrder(10, at), { deliveryId: 'd1' })
    await shop.deliver('order.deleted', { id: 9 })
    await shop.deliver('product.updated', wooProduct(4, at))
    // Waits for what is being processed.
    await close()
    const told = events.map((event) => [
      event.type,
      event.externalId,
      'order' in event ? event.order.total.amount : 'product' in event ? event.product.name : null,
    ])
    expect(told.sort()).toEqual([
      ['order.created', '10', '28.70'],
      ['order.created', '9', '28.70'],
      ['order.deleted', '9', null],
      ['product.updated', '4', 'Mug – 4'],
    ])
  })

  test.each([
    ['a signature of another secret', { signature: sign('{"id":1}', 'other') }],
    ['no signature', {}],
  ])('with %s are rejected', async (_what, { signature }: { readonly signature?: string }) => {
    const { deliveryUrl, acme } = await connected()
    const headers = { 'x-wc-webhook-topic': 'order.deleted', ...(signature && { 'x-wc-webhook-signature': signature }) }
    const answer = await fetch(deliveryUrl, { method: 'POST', body: '{"id":1}', headers })
    expect(answer.status).toBe(401)
    expect((await acme.webhooks.list().page()).items).toMatchObject([{ status: 'rejected' }])
  })

  test.each(['webhook_id=1&x=1', 'webhook_id=', ' webhook_id=1', '{"webhook_id":1}'])(
    'with the body %j are no ping',
    async (body) => {
      const { deliveryUrl } = await connected()
      expect((await fetch(deliveryUrl, { method: 'POST', body })).status).toBe(401)
    },
  )

  test('of a captured order are not taken for its deletion', () => {
    const parse = (topic: string, body: unknown) =>
      woocommerce.webhooks?.parse({
        headers: { 'x-wc-webhook-topic': topic },
        rawBody: Buffer.from(JSON.stringify(body)),
      })
    expect(() => parse('order.deleted', wooOrder(1, at))).toThrow('the delivery of another topic')
    expect(() => parse('order.updated', { id: 1 })).toThrow('not as documented')
    expect(() => parse('order.created', [])).toThrow('not as documented')
    expect(parse('order.deleted', { id: 1 })).toMatchObject({ type: 'order.deleted', externalId: '1' })
    expect(parse('action.woocommerce_add_to_cart', { action: 'x', arg: 'y' })).toMatchObject({ externalId: '' })
  })

  test('are typed by topic, else by resource and event', () => {
    const typeOf = (headers: Record<string, string>) => woocommerce.webhooks?.eventType(headers, undefined)
    expect(typeOf({ 'x-wc-webhook-topic': ' Order.Created ' })).toBe('order.created')
    expect(typeOf({ 'x-wc-webhook-resource': 'coupon', 'x-wc-webhook-event': 'restored' })).toBe('coupon.restored')
    expect(typeOf({})).toBe('unknown')
  })
})

function sign(body: string, key: string): string {
  return createHmac('sha256', key).update(body).digest('base64')
}

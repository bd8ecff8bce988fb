import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type FakeProvider, type FakeRequest, startFakeProvider } from '../../src/testing/fake-provider.ts'

type Row = Record<string, unknown> & { readonly id: number; readonly date_modified_gmt: string }

/** What the shop holds; tests may change it at any time. */
export interface WooCommerceStore {
  readonly orders: Map<number, Row>
  readonly products: Map<number, Row>
  readonly customers: Map<number, Row>
}

/** A webhook that was registered. */
export interface RegisteredWebhook {
  readonly id: number
  readonly name: string
  readonly topic: string
  readonly delivery_url: string
  readonly secret: string
  readonly status: string
}

/** See {@link startWooCommerceServer}. */
export interface WooCommerceServer {
  /** `store_url` of the credentials. */
  readonly storeUrl: string
  /** What it runs on: requests in full, and faults. */
  readonly service: FakeProvider
  readonly store: WooCommerceStore
  /** Every request so far, as `METHOD /path?query`. */
  readonly requests: string[]
  readonly webhooks: Map<number, RegisteredWebhook>
  /** Statuses with which pings were answered, oldest first. */
  readonly pings: number[]
  /** Keys, their secrets and what they may do. */
  readonly keys: Map<string, { readonly secret: string; readonly permissions: 'read' | 'write' | 'read_write' }>
  /** The shop's clock; default: months after all it holds. */
  now: Date
  /** Called before each answer; answers itself by returning true. */
  intercept: ((request: FakeRequest, response: ServerResponse) => boolean | Promise<boolean>) | null
  /** Called before a list is made, e.g. to change what is in it while a client pages. */
  beforeList: ((resource: string, query: URLSearchParams) => void) | null
  /** Changes a row now: `date_modified_gmt` becomes the given instant. */
  change(resource: keyof WooCommerceStore, id: number, at: string, values?: Readonly<Record<string, unknown>>): void
  /** Sends a delivery to every webhook of the topic, as WooCommerce does; answers their statuses. */
  deliver(topic: string, payload: unknown, options?: { readonly deliveryId?: string }): Promise<readonly number[]>
  close(): Promise<void>
}

/** What to begin with. */
export interface WooCommerceServerOptions {
  readonly orderCount?: number
  readonly productCount?: number
  readonly customerCount?: number
  /** Rows that share each second of `date_modified_gmt`; default 7. */
  readonly perSecond?: number
  /** Whether `X-WP-Total` and `X-WP-TotalPages` are told; default true. */
  readonly totals?: boolean
  /** Whether a page behind the last is 400 `rest_post_invalid_page_number`, as WordPress' own listings answer; default false. */
  readonly refusesPastEnd?: boolean
}

/**
 * A shop with the part of WooCommerce's REST API v3 that the provider uses, on a loopback port: keys by basic auth or query,
 * paging, `modified_after` (exclusive), sorting, errors with WooCommerce's codes, webhooks that ping and deliver.
 */
export async function startWooCommerceServer(options: WooCommerceServerOptions = {}): Promise<WooCommerceServer> {
  const { perSecond = 7, totals = true, refusesPastEnd = false } = options
  const rows = (count: number | undefined, make: (id: number, at: string) => Row) =>
    new Map(
      Array.from(
        { length: count ?? 0 },
        (_, index) => [index + 1, make(index + 1, instant(index, perSecond))] as const,
      ),
    )
  const loopback = await startFakeProvider((request, response) => answer(request, response))
  let nextWebhookId = 1
  let deliveries = 0

  const shop: WooCommerceServer = {
    storeUrl: loopback.origin,
    service: loopback,
    store: {
      orders: rows(options.orderCount, wooOrder),
      products: rows(options.productCount, wooProduct),
      customers: rows(options.customerCount, wooCustomer),
    },
    requests: [],
    webhooks: new Map(),
    pings: [],
    keys: new Map([
      ['ck_acme', { secret: 'cs_acme', permissions: 'read_write' }],
      ['ck_globex', { secret: 'cs_secret_of_globex', permissions: 'read_write' }],
    ]),
    now: new Date('2026-06-01T00:00:00Z'),
    intercept: null,
    beforeList: null,
    change(resource, id, at, values = {}) {
      const row = shop.store[resource].get(id)
      if (row === undefined) throw new Error(`there is no ${id} in ${resource}`)
      shop.store[resource].set(id, { ...row, ...values, date_modified_gmt: at })
    },
    deliver: (topic, payload, { deliveryId } = {}) =>
      Promise.all(
        [...shop.webhooks.values()]
          .filter((webhook) => webhook.topic === topic)
          .map(async (webhook) => {
            const rawBody = Buffer.from(JSON.stringify(payload))
            const [resource = '', event = ''] = topic.split('.')
            deliveries += 1
            const { status } = await fetch(webhook.delivery_url, {
              method: 'POST',
              body: rawBody,
              headers: {
                'x-wc-webhook-signature': sign(rawBody, webhook.secret),
                'content-type': 'application/json',
                'x-wc-webhook-source': `${loopback.origin}/`,
                'x-wc-webhook-topic': topic,
                'x-wc-webhook-resource': resource,
                'x-wc-webhook-event': event,
                'x-wc-webhook-id': String(webhook.id),
                'x-wc-webhook-delivery-id': deliveryId ?? `delivery-${deliveries}`,
              },
            })
            return status
          }),
      ),
    close: loopback.close,
  }

  const answer = async (request: FakeRequest, response: ServerResponse) => {
    const url = new URL(request.url, loopback.origin)
    shop.requests.push(`${request.method} ${request.url}`)
    response.setHeader('date', shop.now.toUTCString())
    if (shop.intercept !== null && (await shop.intercept(request, response))) return
    const route = /^\/wp-json\/wc\/v3\/(.+?)\/?$/.exec(url.pathname)?.[1]
    if (route === undefined) return refuse(response, 404, 'rest_no_route', 'No route was found.')
    const denied = authorize(request, url)
    if (denied !== null) return refuse(response, 401, ...denied)
    const [resource = '', id] = route.split('/')
    if (route === 'data/currencies/current') return send(response, 200, { code: 'EUR', name: 'Euro', symbol: '&euro;' })
    if (resource === 'webhooks') return webhooks(request, response, url, id)
    const table = shop.store[resource as keyof WooCommerceStore] as Map<number, Row> | undefined
    if (table === undefined) return refuse(response, 404, 'rest_no_route', 'No route was found.')
    if (id === undefined) return list(response, resource, table, url.searchParams)
    const row = table.get(Number(id))
    const type = resource === 'orders' ? 'shop_order' : resource.slice(0, -1)
    if (request.method === 'GET') {
      return row === undefined
        ? refuse(response, 404, `woocommerce_rest_${type}_invalid_id`, 'Invalid ID.')
        : send(response, 200, row)
    }
    if (row === undefined) return refuse(response, 400, `woocommerce_rest_${type}_invalid_id`, 'Invalid ID.')
    const values = JSON.parse(request.body) as Record<string, unknown>
    table.set(row.id, { ...row, ...values, ...('regular_price' in values && { price: values.regular_price }) })
    return send(response, 200, table.get(row.id))
  }

  // As WC_REST_Authentication does it: an unknown key is nobody, who may see nothing.
  const authorize = (request: FakeRequest, url: URL): [code: string, message: string] | null => {
    const [, encoded = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString().split(':')
    const name = url.searchParams.get('consumer_key') ?? user
    const secret = url.searchParams.get('consumer_secret') ?? password
    const key = shop.keys.get(name)
    if (key === undefined) return ['woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.']
    if (key.secret !== secret) return ['woocommerce_rest_authentication_error', 'Consumer secret is invalid.']
    const needed = request.method === 'GET' ? 'read' : 'write'
    return key.permissions.includes(needed)
      ? null
      : ['woocommerce_rest_authentication_error', `The API key provided does not have ${needed} permissions.`]
  }

  const list = (response: ServerResponse, resource: string, table: Map<number, Row>, query: URLSearchParams) => {
    shop.beforeList?.(resource, query)
    const perPage = Number(query.get('per_page') ?? 10)
    if (perPage > 100) {
      return refuse(response, 400, 'rest_invalid_param', 'per_page must be between 1 (inclusive) and 100 (inclusive)')
    }
    const isDated = resource !== 'customers'
    const orderby = query.get('orderby') ?? (isDated ? 'date' : 'name')
    const known = isDated ? ['date', 'id', 'modified'] : ['id', 'name', 'registered_date']
    if (!known.includes(orderby)) return refuse(response, 400, 'rest_invalid_param', 'Invalid parameter(s): orderby')
    const after = isDated ? query.get('modified_after') : null
    // WordPress takes an instant with a zone to the site's time, which is not UTC here.
    const isWrongZone = after !== null && (/Z$|[+-]\d\d:\d\d$/.test(after) || query.get('dates_are_gmt') !== 'true')
    if (isWrongZone) throw new Error(`modified_after=${after} would be compared in the time zone of the shop`)
    const sign = query.get('order') === 'asc' ? 1 : -1
    const found = [...table.values()]
      .filter((row) => after === null || row.date_modified_gmt > after)
      .sort((a, b) => {
        const byTime = orderby === 'modified' ? a.date_modified_gmt.localeCompare(b.date_modified_gmt) : 0
        return sign * (byTime || a.id - b.id)
      })
    const page = Number(query.get('page') ?? 1)
    const offset = query.has('offset') ? Number(query.get('offset')) : (page - 1) * perPage
    if (refusesPastEnd && page > 1 && offset >= found.length) {
      return refuse(response, 400, 'rest_post_invalid_page_number', 'The page number requested is larger than …')
    }
    if (totals) {
      response.setHeader('X-WP-Total', found.length)
      response.setHeader('X-WP-TotalPages', Math.ceil(found.length / perPage))
    }
    const fields = query.get('_fields')?.split(',')
    const part = found.slice(offset, offset + perPage)
    send(response, 200, fields ? part.map((row) => Object.fromEntries(fields.map((name) => [name, row[name]]))) : part)
  }

  const webhooks = async (request: FakeRequest, response: ServerResponse, url: URL, id: string | undefined) => {
    const seen = ({ secret: _secret, ...webhook }: RegisteredWebhook) => ({
      ...webhook,
      date_created_gmt: '2026-01-01T00:00:00',
    })
    if (request.method === 'POST') {
      const { name, topic, delivery_url, secret } = JSON.parse(request.body) as RegisteredWebhook
      const webhook = { id: nextWebhookId++, name, topic, delivery_url, secret, status: 'active' }
      shop.webhooks.set(webhook.id, webhook)
      // WC_Webhook::deliver_ping(): a form, unsigned.
      const ping = await fetch(delivery_url, {
        method: 'POST',
        body: new URLSearchParams({ webhook_id: String(webhook.id) }),
      })
      shop.pings.push(ping.status)
      return send(response, 201, seen(webhook))
    }
    if (request.method === 'GET') {
      const perPage = Number(url.searchParams.get('per_page') ?? 10)
      const page = Number(url.searchParams.get('page') ?? 1)
      response.setHeader('X-WP-Total', shop.webhooks.size)
      return send(response, 200, [...shop.webhooks.values()].slice((page - 1) * perPage, page * perPage).map(seen))
    }
    const webhook = shop.webhooks.get(Number(id))
    if (request.method === 'PUT' && webhook !== undefined) {
      shop.webhooks.set(webhook.id, { ...webhook, ...(JSON.parse(request.body) as Partial<RegisteredWebhook>) })
      return send(response, 200, seen(shop.webhooks.get(webhook.id) ?? webhook))
    }
    if (url.searchParams.get('force') !== 'true') {
      return refuse(response, 501, 'woocommerce_rest_trash_not_supported', 'Webhooks do not support trashing.')
    }
    if (webhook === undefined) return refuse(response, 404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.')
    shop.webhooks.delete(webhook.id)
    return send(response, 200, seen(webhook))
  }
  return shop
}

/** `WC_Webhook::generate_signature()`. Of its own, so that it doesn't share the mistakes of what is tested. */
function sign(body: Buffer, secret: string): string {
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#039;': "'", '&amp;': '&' }
  const key = secret.replace(/&(?:lt|gt|quot|#039|amp);/g, (entity) => entities[entity as keyof typeof entities])
  return createHmac('sha256', key).update(body).digest('base64')
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  send(response, status, { code, message, data: { status } })
}

function instant(index: number, perSecond: number): string {
  return new Date(Date.UTC(2026, 0, 1) + Math.floor(index / perSecond) * 1_000).toISOString().slice(0, 19)
}

/** An order as WooCommerce documents it, with an instant of its last change (`2026-01-01T00:00:00`). */
export function wooOrder(id: number, at: string): Row {
  return {
    id,
    parent_id: 0,
    number: String(id),
    status: 'processing',
    currency: 'EUR',
    prices_include_tax: true,
    date_created_gmt: at,
    date_modified_gmt: at,
    date_paid_gmt: null,
    discount_total: '0.00',
    shipping_total: '4.90',
    total: '28.70',
    total_tax: '4.58',
    customer_id: id % 2 === 0 ? 0 : id,
    customer_note: '',
    payment_method: 'bacs',
    billing: {
      first_name: 'Ada',
      last_name: 'Lovelace',
      company: '',
      address_1: '12 St James’s Square',
      address_2: '',
      city: 'London',
      state: '',
      postcode: 'SW1Y 4JH',
      country: 'GB',
      email: 'ada@example.com',
      phone: '',
    },
    shipping: { first_name: '', last_name: '', address_1: '', city: '', state: '', postcode: '', country: '' },
    line_items: [
      {
        id: id * 10,
        name: 'Salt &amp; pepper',
        product_id: 7,
        variation_id: 0,
        quantity: 2,
        tax_class: '',
        subtotal: '20.00',
        total: '20.00',
        total_tax: '3.80',
        sku: 'SP-1',
        price: 10,
      },
    ],
  }
}

/** A product as WooCommerce documents it. */
export function wooProduct(id: number, at: string): Row {
  return {
    id,
    name: `Mug &#8211; ${id}`,
    permalink: `https://shop.example/product/mug-${id}`,
    date_created_gmt: at,
    date_modified_gmt: at,
    type: 'simple',
    status: 'publish',
    catalog_visibility: 'visible',
    description: '<p>A mug.</p>',
    sku: `MUG-${id}`,
    price: '12.50',
    regular_price: '12.50',
    sale_price: '',
    manage_stock: true,
    stock_quantity: 5,
    stock_status: 'instock',
    images: [{ id: 1, src: 'https://shop.example/mug.jpg', name: '', alt: '' }],
  }
}

/** A customer as WooCommerce documents it. */
function wooCustomer(id: number, at: string): Row {
  return {
    id,
    date_created_gmt: at,
    date_modified_gmt: at,
    email: `customer-${id}@example.com`,
    first_name: 'Grace',
    last_name: '',
    role: 'customer',
    username: `customer-${id}`,
    billing: { first_name: 'Grace', last_name: 'Hopper', country: 'US', state: 'NY', city: '', postcode: '' },
    shipping: {},
  }
}

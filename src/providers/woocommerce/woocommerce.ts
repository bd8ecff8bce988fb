import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Customer, Order, OrderStatus, Product, ShopPageRequest } from '../../families/shop/index.ts'
import { decimalSchema, shopFamily, shopMethods } from '../../families/shop/index.ts'
import type { HttpAnswer, Query } from '../kit/index.ts'
import { basic, defineProvider, everyItem, pageByNumber, signer } from '../kit/index.ts'
import { listChanges } from './list-changes.ts'
import { listCustomers } from './list-customers.ts'
import { orderStatuses } from './order-statuses.ts'
import { apiRoot, woocommerceCredentials } from './woocommerce-credentials.ts'
import { customerOfWooCommerce } from './woocommerce-customer.ts'
import { type WooCommerceTopic, woocommerceEvents, woocommerceTopics } from './woocommerce-events.ts'
import { orderSchema } from './woocommerce-order.ts'
import { productSchema } from './woocommerce-product.ts'
import { woocommerceSettings } from './woocommerce-settings.ts'
import { woocommerceSubscriptions } from './woocommerce-subscriptions.ts'
import { type WooCommerceWebhook, webhookSchema } from './woocommerce-webhook.ts'
import { writeWith } from './write-with.ts'

export type { WooCommerceEvent, WooCommerceTopic } from './woocommerce-events.ts'
export type { PricelessProduct } from './woocommerce-product.ts'
export type { WooCommerceWebhook } from './woocommerce-webhook.ts'

/** How long the currency of a shop is taken for granted. */
const currencyMs = 3_600_000

/**
 * Shops made with WooCommerce 5.8 or later, by the REST API v3: https://woocommerce.github.io/woocommerce-rest-api-docs/
 *
 * Resources: `orders` and `products` (what changed since the last run; not what was deleted, which webhooks tell) and
 * `customers` (all of them, each time). The shop has to be reached by https: over http WooCommerce takes neither form of the
 * keys. Variations are no products of their own.
 */
export const woocommerce = defineProvider({
  family: 'shop',
  name: 'woocommerce',
  familyPresentation: shopFamily,
  label: 'WooCommerce',
  version: '1.0.0',
  description: 'Orders, products and customers of a WooCommerce shop.',
  docsUrl: 'https://woocommerce.com/document/woocommerce-rest-api/',
  allowMultiple: true,
  credentials: woocommerceCredentials,
  settings: woocommerceSettings,
  implements: shopMethods,
  http: {
    baseUrl: (_settings, { store_url }) => apiRoot(store_url),
    // https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-https
    auth: ({ consumer_key, consumer_secret }, { authentication }) =>
      authentication === 'query'
        ? signer(() => ({ query: { consumer_key, consumer_secret } }), { secrets: [consumer_key, consumer_secret] })
        : basic(consumer_key, consumer_secret),
  },
  adapter: ({ http, credentials, settings, now }) => {
    const statuses = () => orderStatuses(settings)
    const order = () => orderSchema(statuses())
    const listing = (name: string) => `${apiRoot(credentials.store_url)}/${name}`
    const prove = () => http.get('/orders', { query: { per_page: 1, _fields: 'id' } })
    const write = (call: () => Promise<HttpAnswer>) => writeWith(call, prove)
    const slice = async <S extends z.ZodType>(path: string, item: S, query: Query, signal?: AbortSignal) => {
      const answer = await http.get(path, { query, ...(signal && { signal }) })
      // https://woocommerce.github.io/woocommerce-rest-api-docs/#pagination; caches and proxies may drop it.
      const total = answer.headers['x-wp-total']
      const date = Date.parse(answer.headers.date ?? '')
      return {
        items: answer.read(z.array(item)),
        total: total !== undefined && /^\d+$/.test(total) ? Number(total) : null,
        at: Number.isNaN(date) ? now() : new Date(date),
      }
    }

    // The answer is shared, not the question: whoever calls his request off must not call off that of others.
    let known: { readonly at: number; readonly currency: string } | undefined
    const currency = async (signal?: AbortSignal): Promise<string> => {
      if (settings.currency !== undefined) return settings.currency
      const at = now().getTime()
      if (known !== undefined && at - known.at < currencyMs) return known.currency
      // https://woocommerce.github.io/woocommerce-rest-api-docs/#retrieve-current-currency
      const answer = await http.get('/data/currencies/current', { ...(signal && { signal }) })
      known = { at, currency: answer.read(z.object({ code: z.string() })).code }
      return known.currency
    }
    const product = async (signal?: AbortSignal) => productSchema(await currency(signal), settings)

    return {
      /** Proves the keys by reading orders: the root of the API is open to everybody. */
      async testConnection(): Promise<void> {
        ;(await prove()).json()
      },

      /**
       * Orders, the longest unchanged first; from `since` on, inclusive. Without those in the bin, and without those that
       * changed within the last ten seconds.
       */
      async getOrders(request: ShopPageRequest = {}): Promise<FetchedPage<Order>> {
        return listChanges(request, listing('orders'), (query, signal) => slice('/orders', order(), query, signal))
      },

      /** One order. `PROVIDER_REJECTED` with status 404 if there is none. */
      async getOrder(externalId: string): Promise<Order> {
        return (await http.get(`/orders/${toId(externalId)}`)).read(order())
      },

      /** Sets the status, translated by `status_map_outbound`. WooCommerce sends the mails that belong to it. */
      async updateOrderStatus(externalId: string, status: OrderStatus): Promise<Order> {
        const json = { status: statuses().toProviderStatus(status) }
        return (await write(() => http.put(`/orders/${toId(externalId)}`, { json }))).read(order())
      },

      /** Products, in the same way. */
      async getProducts(request: ShopPageRequest = {}): Promise<FetchedPage<Product>> {
        const schema = await product(request.signal)
        return listChanges(request, listing('products'), (query, signal) => slice('/products', schema, query, signal))
      },

      /** One product. */
      async getProduct(externalId: string): Promise<Product> {
        return (await http.get(`/products/${toId(externalId)}`)).read(await product())
      },

      /** Sets how many there are, and has WooCommerce count them from now on. */
      async updateProductStock(externalId: string, quantity: number): Promise<Product> {
        if (!Number.isFinite(quantity)) throw new ConnectorsError('INVALID_INPUT', 'A stock quantity is a number.')
        const json = { manage_stock: true, stock_quantity: quantity }
        const schema = await product()
        return (await write(() => http.put(`/products/${toId(externalId)}`, { json }))).read(schema)
      },

      /** Sets the regular price. A sale price stays, and is what the product costs as long as the sale lasts. */
      async updateProductPrice(externalId: string, price: string): Promise<Product> {
        if (!decimalSchema.safeParse(price).success || price.startsWith('-')) {
          throw new ConnectorsError('INVALID_INPUT', 'A price is a decimal number as text, e.g. "12.30".')
        }
        const schema = await product()
        const json = { regular_price: price }
        return (await write(() => http.put(`/products/${toId(externalId)}`, { json }))).read(schema)
      },

      /** People with an account and the role customer, by id. With `since` those that changed at it or later, all being fetched. */
      async getCustomers(request: ShopPageRequest = {}): Promise<FetchedPage<Customer>> {
        return listCustomers(request, (query) => slice('/customers', customerOfWooCommerce, query, request.signal))
      },

      /**
       * Makes the shop deliver a topic to `deliveryUrl`, signed with `secret`: give the connection the same webhook secret
       * first. The shop pings the URL before it answers.
       */
      async registerWebhook(webhook: {
        readonly topic: WooCommerceTopic
        readonly deliveryUrl: string
        readonly secret: string
        /** For people; default: the topic. */
        readonly name?: string
      }): Promise<WooCommerceWebhook> {
        const { topic, deliveryUrl, secret, name = topic } = webhook
        if (!woocommerceTopics.includes(topic)) {
          throw new ConnectorsError(
            'INVALID_INPUT',
            `There is no topic "${topic}"; there are: ${woocommerceTopics.join(', ')}.`,
          )
        }
        if (secret === '') throw new ConnectorsError('INVALID_INPUT', 'Give the webhook a secret.')
        // https://woocommerce.github.io/woocommerce-rest-api-docs/#create-a-webhook
        const json = { name, topic, delivery_url: deliveryUrl, secret, status: 'active' }
        return (await write(() => http.post('/webhooks', { json }))).read(webhookSchema)
      },

      /** Turns a webhook of the shop on, and has it sign with `secret`. */
      async activateWebhook(externalId: string, { secret }: { readonly secret: string }): Promise<WooCommerceWebhook> {
        // https://woocommerce.github.io/woocommerce-rest-api-docs/#update-a-webhook
        const json = { secret, status: 'active' }
        return (await write(() => http.put(`/webhooks/${toId(externalId)}`, { json }))).read(webhookSchema)
      },

      /** The webhooks of the shop, those of other applications too. */
      async listWebhooks(): Promise<readonly WooCommerceWebhook[]> {
        const webhooks: WooCommerceWebhook[] = []
        const all = everyItem<WooCommerceWebhook>((request) =>
          pageByNumber(request, {
            fetch: async ({ page, signal }) => {
              const query = { page, per_page: 100, orderby: 'id', order: 'asc' }
              const { items, total } = await slice('/webhooks', webhookSchema, query, signal)
              return { items, hasMore: total === null || page * 100 < total }
            },
          }),
        )
        for await (const webhook of all) webhooks.push(webhook)
        return webhooks
      },

      /** Deletes a webhook of the shop. */
      async deleteWebhook(externalId: string): Promise<void> {
        // Webhooks can't go to the bin: https://woocommerce.github.io/woocommerce-rest-api-docs/#delete-a-webhook
        await write(() => http.delete(`/webhooks/${toId(externalId)}`, { query: { force: true } }))
      },
    }
  },
  test: (adapter) => adapter.testConnection(),
  resources: {
    orders: { incremental: true, fetch: (adapter, request) => adapter.getOrders(request) },
    products: { incremental: true, fetch: (adapter, request) => adapter.getProducts(request) },
    customers: { incremental: false, fetch: (adapter, request) => adapter.getCustomers(request) },
  },
  webhooks: woocommerceEvents,
  subscriptions: woocommerceSubscriptions,
})

function toId(externalId: string): string {
  if (typeof externalId === 'string' && /^[1-9]\d{0,18}$/.test(externalId)) return externalId
  throw new ConnectorsError('INVALID_INPUT', 'An id of WooCommerce is a positive whole number, as text.')
}

import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Customer, Order, OrderStatus, Product, ShopPageRequest } from '../../families/shop/index.ts'
import { decimalSchema } from '../../families/shop/index.ts'
import type { AdapterParts } from '../kit/index.ts'
import { everyItem, pageByRelay, pageInfoSchema } from '../kit/index.ts'
import { listChanges } from './list-changes.ts'
import { orderStatuses } from './order-statuses.ts'
import { createShopifyApi } from './shopify-api.ts'
import type { shopifyCredentials } from './shopify-credentials.ts'
import { customerFields, customerSchema } from './shopify-customer.ts'
import { gidOf } from './shopify-id.ts'
import { orderFields, orderSchema } from './shopify-order.ts'
import { productFields, productSchema } from './shopify-product.ts'
import { readOne, readPart, withAllLines } from './shopify-reads.ts'
import type { ShopifySettings } from './shopify-settings.ts'
import { type ShopifyEventType, topicConstant } from './shopify-topics.ts'
import { type ShopifyWebhook, webhookFields, webhookSchema } from './shopify-webhook.ts'
import { actOnOrder, type OrderAction, setPrice, setStock } from './shopify-writes.ts'

const actions: ReadonlySet<string> = new Set(['FULFILLED', 'CLOSED', 'OPEN'] satisfies readonly OrderAction[])

/** The adapter of one shop. */
export function createShopifyAdapter({
  http,
  credentials,
  settings,
  now,
}: AdapterParts<z.output<typeof shopifyCredentials>, ShopifySettings>) {
  const api = createShopifyApi(http, now)
  // One query may cost 1,000 points: https://shopify.dev/docs/api/usage/limits
  const orders = () => ({
    connection: 'orders',
    field: 'order',
    fields: orderFields,
    first: 10,
    item: orderSchema(orderStatuses(settings)),
  })
  const products = () => ({
    connection: 'products',
    field: 'product',
    fields: productFields,
    first: 20,
    item: productSchema(settings),
  })
  const customers = { connection: 'customers', fields: customerFields, first: 100, item: customerSchema }
  const order = async (gid: string) => withAllLines(api, await readOne(api, orders(), gid))
  const product = (gid: string) => readOne(api, products(), gid)

  return {
    /** Whose token it is. */
    async getShop(): Promise<{ readonly domain: string; readonly name: string }> {
      const shop = z.object({ shop: z.object({ myshopifyDomain: z.string(), name: z.string() }) })
      const { data } = await api.query('query { shop { myshopifyDomain name } }', shop)
      return { domain: data.shop.myshopifyDomain.toLowerCase(), name: data.shop.name }
    },

    /**
     * Orders, the longest unchanged first; from `since` on, inclusive. Without those that changed within the last ten seconds,
     * and, unless the token has `read_all_orders`, without those that are older than 60 days.
     */
    async getOrders(request: ShopPageRequest = {}): Promise<FetchedPage<Order>> {
      return listChanges(request, `${settings.shop}/orders`, async (part) => {
        const { items, ...rest } = await readPart(api, orders(), part)
        const complete: Order[] = []
        for (const item of items) complete.push(await withAllLines(api, item, part.signal))
        return { ...rest, items: complete }
      })
    },

    /** One order. `PROVIDER_REJECTED` with status 404 if there is none. */
    async getOrder(externalId: string): Promise<Order> {
      return order(gidOf('Order', externalId))
    },

    /**
     * `shipped` fulfils all that is left, `completed` archives, `processing` opens again; `status_map_outbound` may name
     * `FULFILLED`, `CLOSED` and `OPEN` for others. Shopify cancels and refunds only with decisions that no status holds.
     */
    async updateOrderStatus(externalId: string, status: OrderStatus): Promise<Order> {
      const gid = gidOf('Order', externalId)
      const action = orderStatuses(settings).toProviderStatus(status)
      if (!actions.has(action)) {
        throw new ConnectorsError(
          'INVALID_INPUT',
          `An order can't be made "${action}"; there are: ${[...actions].join(', ')}.`,
        )
      }
      await actOnOrder(api, action as OrderAction, gid)
      return order(gid)
    },

    /** Products, in the same way. */
    async getProducts(request: ShopPageRequest = {}): Promise<FetchedPage<Product>> {
      return listChanges(request, `${settings.shop}/products`, async (part) => {
        const { items, ...rest } = await readPart(api, products(), part)
        return { ...rest, items: items.map((read) => read.product) }
      })
    },

    /** One product. */
    async getProduct(externalId: string): Promise<Product> {
      return (await product(gidOf('Product', externalId))).product
    },

    /** Sets how many there are at the primary location. `INVALID_INPUT` for a product with several variants. */
    async updateProductStock(externalId: string, quantity: number): Promise<Product> {
      if (!Number.isSafeInteger(quantity))
        throw new ConnectorsError('INVALID_INPUT', 'A stock quantity is a whole number.')
      const gid = gidOf('Product', externalId)
      await setStock(api, await product(gid), quantity)
      return (await product(gid)).product
    },

    /** Sets the price. `INVALID_INPUT` for a product with several variants. */
    async updateProductPrice(externalId: string, price: string): Promise<Product> {
      if (!decimalSchema.safeParse(price).success || price.startsWith('-')) {
        throw new ConnectorsError('INVALID_INPUT', 'A price is a decimal number as text, e.g. "12.30".')
      }
      const gid = gidOf('Product', externalId)
      await setPrice(api, gid, await product(gid), price)
      return (await product(gid)).product
    },

    /** Customers, in the same way as orders. */
    async getCustomers(request: ShopPageRequest = {}): Promise<FetchedPage<Customer>> {
      return listChanges(request, `${settings.shop}/customers`, (part) => readPart(api, customers, part))
    },

    /**
     * What webhooks of this adapter are signed with: `appSecret`, the client secret of your own app, if the credentials came by
     * its consent page, else the `apiSecretKey` of the custom app. `INVALID_INPUT` if that isn't known.
     */
    async webhookSecret(appSecret: string | null): Promise<string> {
      const { refreshToken, apiSecretKey } = credentials
      const secret = (refreshToken === undefined ? null : appSecret) ?? apiSecretKey
      if (secret !== undefined) return secret
      throw new ConnectorsError(
        'INVALID_INPUT',
        'Shopify signs webhooks with the secret of the app. Give the credential apiSecretKey of a custom app, or connect the shop by the consent page of your own app (oauth.apps).',
      )
    },

    /** Makes the shop deliver events of one type to `deliveryUrl`, signed with the `webhookSecret`. */
    async registerWebhook(webhook: {
      readonly type: ShopifyEventType
      readonly deliveryUrl: string
    }): Promise<ShopifyWebhook> {
      const text = `mutation($topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) {
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) {
          webhookSubscription { ${webhookFields} } userErrors { field message }
        }
      }`
      const variables = {
        topic: topicConstant(webhook.type),
        webhookSubscription: { uri: webhook.deliveryUrl, format: 'JSON' },
      }
      const payload = z.object({ webhookSubscription: webhookSchema })
      const made = await api.mutate('webhookSubscriptionCreate', text, payload, variables)
      return made.webhookSubscription
    },

    /** The webhooks of this app at the shop; other apps' are not told. */
    async listWebhooks(): Promise<readonly ShopifyWebhook[]> {
      const text = `query($after: String) {
        webhookSubscriptions(first: 100, after: $after) { nodes { ${webhookFields} } pageInfo { hasNextPage endCursor } }
      }`
      const page = z.object({
        webhookSubscriptions: z.object({ nodes: z.array(webhookSchema), pageInfo: pageInfoSchema }),
      })
      const webhooks: ShopifyWebhook[] = []
      const all = everyItem<ShopifyWebhook>((request) =>
        pageByRelay(request, {
          fetch: async ({ after, signal }) =>
            (await api.query(text, page, { after }, signal)).data.webhookSubscriptions,
        }),
      )
      for await (const webhook of all) webhooks.push(webhook)
      return webhooks
    },

    /** Deletes a webhook of the shop. */
    async deleteWebhook(id: string): Promise<void> {
      const text =
        'mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }'
      await api.mutate('webhookSubscriptionDelete', text, z.object({}), { id: gidOf('WebhookSubscription', id) })
    },
  }
}

/**
 * What Shopify calls the events that are known here: https://shopify.dev/docs/api/webhooks. The last three are those that
 * every public app has to take; they can't be subscribed to by the API.
 */
export const shopifyTopics = {
  'order.created': 'orders/create',
  'order.updated': 'orders/updated',
  'order.paid': 'orders/paid',
  'order.fulfilled': 'orders/fulfilled',
  'order.cancelled': 'orders/cancelled',
  'order.deleted': 'orders/delete',
  'product.created': 'products/create',
  'product.updated': 'products/update',
  'product.deleted': 'products/delete',
  'customer.created': 'customers/create',
  'customer.updated': 'customers/update',
  'customer.deleted': 'customers/delete',
  'app.uninstalled': 'app/uninstalled',
  'customer.dataRequested': 'customers/data_request',
  'customer.redactRequested': 'customers/redact',
  'shop.redactRequested': 'shop/redact',
} as const

/** The type of a known event. */
export type ShopifyEventType = keyof typeof shopifyTopics

/** All of them. */
export const shopifyEventTypes = Object.keys(shopifyTopics) as readonly ShopifyEventType[]

/** Those that can be subscribed to by the API. */
export const subscribable = shopifyEventTypes.filter((type) => !/dataRequested|redactRequested/.test(type))

const types = new Map<string, ShopifyEventType>(shopifyEventTypes.map((type) => [shopifyTopics[type], type]))

/** The type of a topic; one that isn't known keeps its name, with a dot: `fulfillments.create`. */
export function typeOf(topic: string): string {
  return types.get(topic) ?? topic.replaceAll('/', '.')
}

/** A topic as the API writes it: `ORDERS_CREATE`. */
export function topicConstant(type: ShopifyEventType): string {
  return shopifyTopics[type].replaceAll('/', '_').toUpperCase()
}

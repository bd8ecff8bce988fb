import { defineShopify } from './define-shopify.ts'

export type { ShopifyEvent } from './shopify-events.ts'
export type { ShopifyEventType } from './shopify-topics.ts'
export type { ShopifyWebhook } from './shopify-webhook.ts'

/**
 * Shopify shops, by the GraphQL Admin API: https://shopify.dev/docs/api/admin-graphql
 *
 * Resources: `orders`, `products` and `customers`, what changed since the last run; what was deleted is told by webhooks.
 */
export const shopify = defineShopify((shop) => `https://${shop}`)

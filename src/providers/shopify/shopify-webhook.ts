import { z } from 'zod'
import { typeOf } from './shopify-topics.ts'

/** https://shopify.dev/docs/api/admin-graphql/2026-01/objects/WebhookSubscription */
export const webhookFields = 'id topic uri'

/** A webhook of a shop. */
export interface ShopifyWebhook {
  /** A global id. */
  readonly id: string
  /** As deliveries have it, e.g. `order.created`. */
  readonly type: string
  readonly deliveryUrl: string
}

/** Reads a webhook. `ORDERS_CREATE` stands for `orders/create`: only the last underscore is a slash. */
export const webhookSchema = z
  .object({ id: z.string(), topic: z.string(), uri: z.string() })
  .transform(({ id, topic, uri }): ShopifyWebhook => ({ id, type: typeOfConstant(topic), deliveryUrl: uri }))

function typeOfConstant(topic: string): string {
  const [, resource = '', event = ''] = /^(.*)_([A-Z]+)$/.exec(topic) ?? [null, topic, '']
  return typeOf(`${resource}/${event}`.toLowerCase())
}

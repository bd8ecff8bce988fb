import { z } from 'zod'
import { gmtInstant } from './gmt-instant.ts'

/** A webhook of a shop. WooCommerce never tells its secret. */
export interface WooCommerceWebhook {
  readonly externalId: string
  readonly name: string
  /** E.g. `order.created`. */
  readonly topic: string
  readonly deliveryUrl: string
  /** `disabled`: WooCommerce gave up after more than five failures in a row, and says so to nobody. */
  readonly status: 'active' | 'paused' | 'disabled'
  readonly createdAt: Date | null
}

/** Reads a webhook, https://woocommerce.github.io/woocommerce-rest-api-docs/#webhook-properties */
export const webhookSchema = z
  .looseObject({
    id: z.int().positive(),
    name: z.string(),
    topic: z.string(),
    delivery_url: z.string(),
    status: z.enum(['active', 'paused', 'disabled']),
    date_created_gmt: gmtInstant,
  })
  .transform(
    (raw): WooCommerceWebhook => ({
      externalId: String(raw.id),
      name: raw.name,
      topic: raw.topic,
      deliveryUrl: raw.delivery_url,
      status: raw.status,
      createdAt: raw.date_created_gmt,
    }),
  )

import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Json, JsonObject } from '../../core/domain/json.ts'
import type { WebhookDelivery, WebhookSupport } from '../../core/domain/provider.ts'
import { parseJsonBody } from '../../core/domain/webhook-delivery.ts'
import type { Customer, Order } from '../../families/shop/index.ts'
import { signatures } from '../kit/signatures.ts'
import { orderStatuses } from './order-statuses.ts'
import { customerOfWooCommerce } from './woocommerce-customer.ts'
import { orderSchema } from './woocommerce-order.ts'
import { type PricelessProduct, pricelessProductSchema } from './woocommerce-product.ts'

interface Base {
  /** The shop's id of what the delivery is about; empty where the topic of a plugin names none. */
  readonly externalId: string
  /** Address of the shop, as it says (unsigned). */
  readonly source: string | null
  readonly payload: JsonObject
}

/** A delivery of WooCommerce, read. What was deleted is told by its id alone. */
export type WooCommerceEvent = Base &
  (
    | {
        readonly type: 'order.created' | 'order.updated' | 'order.restored'
        /** Its `status` by WooCommerce's own meanings; a tenant's `status_map_inbound` isn't known here. */
        readonly order: Order
      }
    | {
        readonly type: 'product.created' | 'product.updated' | 'product.restored'
        /** Without its price, whose currency isn't in the delivery: ask the adapter for that. */
        readonly product: PricelessProduct
      }
    | { readonly type: 'customer.created' | 'customer.updated'; readonly customer: Customer }
    | { readonly type: 'coupon.created' | 'coupon.updated' | 'coupon.restored' }
    | { readonly type: 'order.deleted' | 'product.deleted' | 'customer.deleted' | 'coupon.deleted' }
  )

/** The topics that a webhook can be registered for, `WC_Webhook::get_default_topic_hooks()`. */
export const woocommerceTopics = [
  'order.created',
  'order.updated',
  'order.deleted',
  'order.restored',
  'product.created',
  'product.updated',
  'product.deleted',
  'product.restored',
  'customer.created',
  'customer.updated',
  'customer.deleted',
  'coupon.created',
  'coupon.updated',
  'coupon.deleted',
  'coupon.restored',
] as const satisfies readonly WooCommerceEvent['type'][]

/** A topic. */
export type WooCommerceTopic = (typeof woocommerceTopics)[number]

const subject = z.looseObject({ id: z.int().positive() })
const defaultOrder = orderSchema(orderStatuses())

/**
 * https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks and `WC_Webhook`. The signature covers the body only:
 * topic and delivery id could be made up by whoever captured a delivery. The id is a hash of webhook and second, so that two
 * deliveries within one second share it.
 */
export const woocommerceEvents: WebhookSupport<WooCommerceEvent> = {
  signature: signatures.wooCommerce,
  deliveryId: { header: 'x-wc-webhook-delivery-id', isSigned: false },
  eventTypes: woocommerceTopics,
  eventType: (headers) => topicOf(headers),
  // `WC_Webhook::deliver_ping()`: sent when a webhook is made, unsigned, as a form; wants a 200.
  challenge: ({ headers, rawBody }) =>
    headers['x-wc-webhook-signature'] === undefined &&
    rawBody.byteLength < 64 &&
    /^webhook_id=\d+$/.test(Buffer.from(rawBody).toString('latin1'))
      ? 'pong'
      : null,
  orderKey(headers, payload) {
    const parsed = subject.safeParse(payload)
    return parsed.success ? `${topicOf(headers).split('.')[0]}/${parsed.data.id}` : null
  },
  parse({ headers, rawBody }: WebhookDelivery): WooCommerceEvent {
    const topic = topicOf(headers)
    const payload = parseJsonBody(rawBody)
    const { id } = read(isKnown(topic) ? subject : subject.partial(), payload, topic)
    return readTopic(topic, {
      externalId: id === undefined ? '' : String(id),
      source: headers['x-wc-webhook-source'] ?? null,
      // `read` saw an object.
      payload: payload as JsonObject,
    })
  },
}

function readTopic(topic: string, base: Base): WooCommerceEvent {
  switch (topic as WooCommerceTopic) {
    case 'order.created':
    case 'order.updated':
    case 'order.restored':
      return { ...base, type: topic as 'order.created', order: read(defaultOrder, base.payload, topic) }
    case 'product.created':
    case 'product.updated':
    case 'product.restored':
      return { ...base, type: topic as 'product.created', product: read(pricelessProductSchema, base.payload, topic) }
    case 'customer.created':
    case 'customer.updated':
      return { ...base, type: topic as 'customer.created', customer: read(customerOfWooCommerce, base.payload, topic) }
    case 'order.deleted':
    case 'product.deleted':
    case 'customer.deleted':
    case 'coupon.deleted':
      // The topic isn't signed: whoever captured an order could deliver it again as its own deletion.
      if (Object.keys(base.payload).length > 1) {
        throw mistake(topic, 'tells more than the id: it is the delivery of another topic')
      }
      return { ...base, type: topic as 'order.deleted' }
    case 'coupon.created':
    case 'coupon.updated':
    case 'coupon.restored':
      return { ...base, type: topic as 'coupon.created' }
    default:
      // A plugin's topic; handlers of `*` get it, and see its payload.
      return { ...base, type: topic as 'coupon.created' }
  }
}

function isKnown(topic: string): boolean {
  return woocommerceTopics.some((known) => known === topic)
}

function topicOf(headers: Readonly<Record<string, string>>): string {
  const { 'x-wc-webhook-topic': topic, 'x-wc-webhook-resource': resource, 'x-wc-webhook-event': event } = headers
  const joined = resource && event ? `${resource}.${event}` : 'unknown'
  return (topic?.trim() || joined).toLowerCase()
}

function read<S extends z.ZodType>(schema: S, payload: Json | undefined, topic: string): z.output<S> {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw mistake(topic, `is not as documented: ${issue?.path.map(String).join('.') || 'the body'}: ${issue?.message}`)
}

function mistake(topic: string, what: string): ConnectorsError {
  return new ConnectorsError('PROVIDER_FAILED', `The WooCommerce delivery of ${topic} ${what}.`)
}

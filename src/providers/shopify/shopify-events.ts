import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Json, JsonObject } from '../../core/domain/json.ts'
import type { WebhookDelivery, WebhookSupport } from '../../core/domain/provider.ts'
import { parseJsonBody } from '../../core/domain/webhook-delivery.ts'
import { signatures } from '../kit/index.ts'
import { shopDomainSchema } from './shop-domain.ts'
import { idOf } from './shopify-id.ts'
import { type ShopifyEventType, shopifyEventTypes, typeOf } from './shopify-topics.ts'

/** A delivery of Shopify, read. The payload has the shape of Shopify's REST API; for the family's own ask the adapter. */
export interface ShopifyEvent {
  /** Topics that aren't known here keep their name, with a dot: `fulfillments.create`. */
  readonly type: ShopifyEventType | (string & {})
  /** Shopify's id of what the delivery is about, as the adapter takes it; `null` where there is none. */
  readonly externalId: string | null
  /** Domain of the shop, unsigned; `null` if it isn't told. */
  readonly shop: string | null
  readonly apiVersion: string | null
  readonly payload: JsonObject
}

type Headers = Readonly<Record<string, string>>

/**
 * https://shopify.dev/docs/apps/build/webhooks. The signature covers the body only: topic, id and shop could be made up by
 * whoever captured a delivery.
 */
export const shopifyEvents: WebhookSupport<ShopifyEvent> = {
  signature: signatures.shopify,
  deliveryId: { header: 'x-shopify-webhook-id', isSigned: false },
  eventTypes: shopifyEventTypes,
  eventType: (headers) => typeOf(topicOf(headers)),
  orderKey(headers, payload) {
    const id = subjectOf(payload)
    return id === null ? null : `${topicOf(headers).split('/')[0]}/${id}`
  },
  /**
   * The shop, where the signed body names it: that of `app/uninstalled`, `shop/update` and the privacy topics. The header isn't
   * signed: whoever captured a delivery could aim it at another tenant by it. So it counts for nothing, but has to agree.
   */
  accounts({ headers, rawBody }) {
    const payload = membersOf(parseJsonBody(rawBody))
    const told = [payload.myshopify_domain, payload.shop_domain, headers['x-shopify-shop-domain']]
    const isNamed = payload.myshopify_domain !== undefined || payload.shop_domain !== undefined
    const shops = told.flatMap((domain) => (domain === undefined ? [] : [shopDomainSchema.safeParse(domain).data]))
    const [shop] = shops
    return isNamed && shop !== undefined && shops.every((other) => other === shop) ? [shop] : []
  },
  parse({ headers, rawBody }: WebhookDelivery): ShopifyEvent {
    const payload = parseJsonBody(rawBody)
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
      throw new ConnectorsError('PROVIDER_FAILED', `The Shopify delivery of ${topicOf(headers)} is no JSON object.`)
    }
    return {
      type: typeOf(topicOf(headers)),
      externalId: subjectOf(payload),
      shop: shopDomainSchema.safeParse(headers['x-shopify-shop-domain']).data ?? null,
      apiVersion: headers['x-shopify-api-version'] ?? null,
      payload: payload as JsonObject,
    }
  },
}

function topicOf(headers: Headers): string {
  return headers['x-shopify-topic']?.trim().toLowerCase() || 'unknown'
}

/** From the global id where there is one: ids outgrow the numbers of JavaScript. */
function subjectOf(payload: Json | undefined): string | null {
  const { admin_graphql_api_id: gid, id } = membersOf(payload)
  if (typeof gid === 'string') return idOf(gid)
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : null
}

function membersOf(value: Json | undefined): Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

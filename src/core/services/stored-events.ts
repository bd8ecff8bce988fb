import type { Connection } from '../domain/connection.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import type { DeliveryIdSource, ParsedWebhookEvent, WebhookDelivery, WebhookSupport } from '../domain/provider.ts'
import { redacted } from '../domain/redacted.ts'
import { createRedactor } from '../domain/redaction.ts'
import { coversBody, type SignatureScheme } from '../domain/signature.ts'
import { storableText } from '../domain/storable-text.ts'
import type { TenantId } from '../domain/tenant.ts'
import {
  type DeliveryId,
  idempotencyKey,
  isStorableJson,
  orderKeyOf,
  parseJsonBody,
  pieceKey,
} from '../domain/webhook-delivery.ts'
import type { WebhookEvent } from '../domain/webhook-event.ts'

const maxHeaderLength = 1_024
const maxTypeLength = 200

type Support = WebhookSupport<ParsedWebhookEvent>

/** What the rows of a delivery are made of. */
export interface DeliveryToStore<T extends TenantId> {
  readonly connection: Connection<T>
  /** With the scheme that the delivery was verified by. */
  readonly support: Support
  readonly delivery: WebhookDelivery
  readonly at: Date
  readonly nextId: () => string
  /** Whether deliveries about one thing are to be processed one after the other. */
  readonly keepsOrder: boolean
}

/** The row of a delivery as it came. */
export function toStoredEvent<T extends TenantId>(toStore: DeliveryToStore<T>): WebhookEvent<T> {
  const { connection, support, delivery, at, nextId, keepsOrder } = toStore
  const { headers, rawBody } = delivery
  const payload = parseJsonBody(rawBody)
  return {
    id: nextId(),
    tenantId: connection.tenantId,
    connectionId: connection.id,
    provider: connection.providerName,
    eventType: eventType(support, headers, payload),
    idempotencyKey: idempotencyKey(deliveryId(toStore, headers, payload), rawBody),
    orderKey: keepsOrder ? orderKey(toStore, payload) : null,
    rawBody,
    payload: payload === undefined || !isStorableJson(payload) ? null : payload,
    headers: storedHeaders(support.signature, headers),
    signatureValid: support.signature.kind !== 'unsigned',
    status: 'received',
    attempts: 0,
    failureCount: 0,
    deliveries: 1,
    availableAt: at,
    claimExpiresAt: null,
    processedAt: null,
    error: null,
    errorKind: null,
    purgedAt: null,
    createdAt: at,
  }
}

/** The rows of a genuine delivery: one, or one for each of the events that the provider finds in it. */
export function toStoredEvents<T extends TenantId>(
  toStore: DeliveryToStore<T>,
): readonly [WebhookEvent<T>, ...WebhookEvent<T>[]] {
  const pieces = piecesOf(toStore.support, toStore.delivery)
  const [first, ...others] = toStoredPieces(toStore, [...pieces.keys()])
  return first === undefined ? [toStoredEvent(toStore)] : [first, ...others]
}

/** The rows of some of the events in a genuine delivery, by their places in it; one that is not taken apart has place 0. */
export function toStoredPieces<T extends TenantId>(
  toStore: DeliveryToStore<T>,
  indexes: readonly number[],
): readonly WebhookEvent<T>[] {
  const { support, delivery } = toStore
  const { headers, rawBody } = delivery
  const pieces = piecesOf(support, delivery)
  if (pieces.length === 0) return indexes.includes(0) ? [toStoredEvent(toStore)] : []
  const wholeKey = idempotencyKey(deliveryId(toStore, headers, parseJsonBody(rawBody)), rawBody)
  return pieces.flatMap((piece, index) => {
    if (!indexes.includes(index)) return []
    const event = toStoredEvent({ ...toStore, delivery: { headers, rawBody: piece } })
    // An id in a header is that of the whole, and equal pieces may be different events: their place tells them apart.
    const hasOwnId = isInBody(support.deliveryId) && deliveryId(toStore, headers, parseJsonBody(piece)) !== null
    return hasOwnId ? event : { ...event, idempotencyKey: pieceKey(wholeKey, index) }
  })
}

/** The events that the provider finds in a genuine delivery; none if it, or its code, can't be taken apart. */
export function piecesOf({ split }: Support, delivery: WebhookDelivery): readonly Uint8Array[] {
  try {
    const pieces = split?.(delivery) ?? []
    return pieces.every((piece) => piece instanceof Uint8Array) ? pieces : []
  } catch {
    return []
  }
}

function isInBody(source: DeliveryIdSource | null): source is { readonly body: string } {
  return source !== null && 'body' in source
}

/** The provider's id of a delivery, if it has one. */
function deliveryId<T extends TenantId>(
  { support: { deliveryId: source, signature }, nextId }: DeliveryToStore<T>,
  headers: WebhookDelivery['headers'],
  payload: Json | undefined,
): DeliveryId | null {
  if (source === null) return null
  if ('each' in source) return { value: nextId(), isSigned: true }
  if (!isInBody(source)) {
    const value = headers[source.header]
    return value === undefined || value === '' ? null : { value, isSigned: source.isSigned }
  }
  if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, source.body)) return null
  const value = (payload as JsonObject)[source.body]
  // Large numbers come out of the parser rounded: different ids would become one.
  const isId = typeof value === 'string' ? value !== '' : Number.isSafeInteger(value)
  return isId ? { value: String(value), isSigned: coversBody(signature) } : null
}

/** Without secrets, and as every database can hold them. */
function storedHeaders(signature: SignatureScheme, headers: WebhookDelivery['headers']): JsonObject {
  // A token proves who has it, so that it must not be stored, not even a wrong one: it may be another connection's.
  const hasToken = signature.kind === 'token' && signature.header in headers
  const safe = createRedactor([]).headers(hasToken ? { ...headers, [signature.header]: redacted } : headers)
  return Object.fromEntries(
    Object.entries(safe).map(([name, value]) => [
      storableText(name, maxHeaderLength),
      storableText(value, maxHeaderLength),
    ]),
  )
}

/** What a delivery has to wait for its turn by; a genuine one is kept, whatever the provider's code makes of it. */
function orderKey<T extends TenantId>(
  { connection, support, delivery }: DeliveryToStore<T>,
  payload: Json | undefined,
): string | null {
  try {
    const entity = support.orderKey?.(delivery.headers, payload) ?? null
    return entity === null || entity === '' ? null : orderKeyOf(connection.id, entity)
  } catch {
    return null
  }
}

/** A genuine delivery is kept, whatever the provider's code makes of it. */
function eventType(support: Support, headers: WebhookDelivery['headers'], payload: Json | undefined): string {
  try {
    return storableText(support.eventType(headers, payload), maxTypeLength)
  } catch {
    return 'unknown'
  }
}

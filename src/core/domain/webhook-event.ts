import type { Json, JsonObject } from './json.ts'
import type { TenantId } from './tenant.ts'

/**
 * Where a delivery stands.
 * `failed` will be tried again, `dead` will not; `unhandled` = no handler for its type, kept and replayable.
 */
export type WebhookStatus = 'received' | 'processing' | 'processed' | 'failed' | 'dead' | 'rejected' | 'unhandled'

/** One delivery from a provider, stored raw before it is acknowledged. */
export interface WebhookEvent<T extends TenantId = TenantId> {
  readonly id: string
  readonly tenantId: T
  readonly connectionId: string
  readonly provider: string
  /** The provider's event type, normalised at receipt. */
  readonly eventType: string
  /** What makes two deliveries the same one, per connection. */
  readonly idempotencyKey: string
  /** The bytes that were signed: the truth. */
  readonly rawBody: Uint8Array
  /** The parsed body for convenience; `null` when it isn't JSON or the column can't hold it. */
  readonly payload: Json
  /** The headers of the first delivery, in lower case, secrets redacted. */
  readonly headers: JsonObject
  readonly signatureValid: boolean
  readonly status: WebhookStatus
  /** How often processing was begun; also the fence of a claim. */
  readonly attempts: number
  /** 1 + duplicates seen. */
  readonly deliveries: number
  /** Not to be processed before; `null` when it won't be processed again. */
  readonly availableAt: Date | null
  readonly claimExpiresAt: Date | null
  readonly processedAt: Date | null
  readonly error: string | null
  readonly createdAt: Date
}

/** What users see of a stored delivery. */
export type WebhookEventView<T extends TenantId = TenantId> = Omit<WebhookEvent<T>, 'claimExpiresAt'>

/** The view of a stored delivery. */
export function toWebhookEventView<T extends TenantId>(event: WebhookEvent<T>): WebhookEventView<T> {
  const { claimExpiresAt: _claimExpiresAt, ...view } = event
  return view
}

import type { Json, JsonObject } from './json.ts'
import type { TenantId } from './tenant.ts'

/**
 * Where a delivery stands.
 * `failed` will be tried again, `dead` will not; `unhandled` = no handler for its type, kept and replayable.
 */
export type WebhookStatus = 'received' | 'processing' | 'processed' | 'failed' | 'dead' | 'rejected' | 'unhandled'

/**
 * Why a delivery stands where it does:
 * - `signature`: it was rejected.
 * - `unreadable`: it isn't what the provider documents.
 * - `handler`, `timeout`: a handler failed, or took too long.
 * - `provider`: a handler needed the provider, and that failed.
 * - `crashed`: the process that was at it ended, or was silent for too long.
 * - `store`: the database could not be used.
 * - `configuration`: something is missing here, e.g. the provider or a key.
 * - `disabled`, `deleted`: its connection is.
 * - `skipped`: somebody decided so.
 */
export type WebhookErrorKind =
  | 'signature'
  | 'unreadable'
  | 'handler'
  | 'timeout'
  | 'provider'
  | 'crashed'
  | 'store'
  | 'configuration'
  | 'disabled'
  | 'deleted'
  | 'skipped'

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
  /**
   * What it is about, as a hash of connection and entity: those with the same are processed one after the other. `null` where
   * order is of no account.
   */
  readonly orderKey: string | null
  /** The bytes that were signed: the truth. None once `purgedAt` is there. */
  readonly rawBody: Uint8Array
  /** The parsed body for convenience; `null` when it isn't JSON or the column can't hold it. */
  readonly payload: Json
  /** The headers of the first delivery, in lower case, secrets redacted. */
  readonly headers: JsonObject
  readonly signatureValid: boolean
  readonly status: WebhookStatus
  /** How often processing was begun; also the fence of a claim. */
  readonly attempts: number
  /** Attempts that failed since it was received or last replayed, those excepted that ended by what isn't its fault. */
  readonly failureCount: number
  /** 1 + duplicates seen. */
  readonly deliveries: number
  /** Not to be processed before; `null` when it won't be processed again. */
  readonly availableAt: Date | null
  readonly claimExpiresAt: Date | null
  readonly processedAt: Date | null
  /** What went wrong last, for people; `errorKind` for programs. */
  readonly error: string | null
  readonly errorKind: WebhookErrorKind | null
  /** When body and headers were removed; `null` = they are there. */
  readonly purgedAt: Date | null
  readonly createdAt: Date
}

/** What users see of a stored delivery. */
export type WebhookEventView<T extends TenantId = TenantId> = Omit<WebhookEvent<T>, 'claimExpiresAt'>

/** The view of a stored delivery. */
export function toWebhookEventView<T extends TenantId>(event: WebhookEvent<T>): WebhookEventView<T> {
  const { claimExpiresAt: _claimExpiresAt, ...view } = event
  return view
}

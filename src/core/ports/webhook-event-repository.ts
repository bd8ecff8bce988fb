import type { HandledTypes } from '../domain/handled-types.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { WebhookEvent, WebhookStatus } from '../domain/webhook-event.ts'

/** Names one stored delivery of one tenant. */
export interface WebhookEventRef<T extends TenantId> {
  readonly tenantId: T
  readonly id: string
}

/** A delivery that waits to be processed. */
export interface DueWebhook<T extends TenantId> extends WebhookEventRef<T> {
  readonly eventType: string
  readonly orderKey: string | null
}

/** Which deliveries to list. */
export interface WebhookEventFilter {
  readonly connectionId?: string
  readonly provider?: string
  readonly eventType?: string
  readonly status?: WebhookStatus
}

/** How a delivery is taken. */
export interface WebhookClaim {
  readonly at: Date
  readonly leaseMs: number
  readonly clockSkewMs: number
  /** What whoever takes it has handlers for: what nobody handles there holds up nothing. */
  readonly handled: HandledTypes
}

/** Stores webhook deliveries. See {@link RepositorySet} for the rules all verbs follow. */
export interface WebhookEventRepository<T extends TenantId> {
  /**
   * Stores a delivery unless (connection, idempotency key) is taken; of concurrent calls exactly one inserts.
   * A duplicate only raises `deliveries` of the stored row by one: it never touches its status.
   *
   * @throws {ConnectorsError} `STORE_FAILED` when the stored delivery is another tenant's, which stays as it is.
   */
  readonly insertIfAbsent: (
    event: WebhookEvent<T>,
  ) => Promise<{ readonly isNew: boolean; readonly event: WebhookEvent<T> }>

  /**
   * Keeps a rejected delivery of a connection of its tenant, unless that already has `limit` of them created at or after `since`.
   * Answers whether it was kept.
   */
  readonly keepRejected: (
    event: WebhookEvent<T>,
    quota: { readonly since: Date; readonly limit: number },
  ) => Promise<boolean>

  /** The delivery, or `null` if it doesn't exist or lies outside the scope. */
  readonly find: (query: { readonly scope: Scope<T>; readonly id: string }) => Promise<WebhookEvent<T> | null>

  /** Deliveries, newest (highest id) first. */
  readonly list: (
    query: { readonly scope: Scope<T>; readonly filter: WebhookEventFilter } & PageRequest,
  ) => Promise<Page<WebhookEvent<T>>>

  /**
   * Takes a delivery for processing: status `processing`, one more attempt. Of concurrent calls exactly one wins.
   * `received`, `failed`, `dead` and `unhandled` ones may be taken, and `processing` ones `clockSkewMs` after their claim expired.
   * Answers the row as taken (its `attempts` is the fence of the claim), or `null`.
   *
   * One with an order key, unless it is `processing` itself, waits while another with the same is `processing`, and while an
   * earlier one (lower id) is `failed`, or is `received` or `unhandled` and of a handled type. Of concurrent claims on
   * deliveries with one order key at most one wins.
   */
  readonly claim: (ref: WebhookEventRef<T>, claim: WebhookClaim) => Promise<WebhookEvent<T> | null>

  /**
   * Ends a claim for good: `processed`. As the first statement of a transaction it refuses a stale claim before anything else happens.
   *
   * @throws {ConnectorsError} `CLAIM_LOST` when the delivery is no longer processed under this attempt; nothing is written.
   */
  readonly complete: (ref: WebhookEventRef<T>, end: { readonly attempt: number; readonly at: Date }) => Promise<void>

  /**
   * Says that a `received` delivery has no handler where it was looked at. It stays due for whoever handles its type;
   * a delivery in any other status stays as it is.
   */
  readonly markUnhandled: (ref: WebhookEventRef<T>) => Promise<void>

  /**
   * Ends a claim with a failure that is tried again at `availableAt`.
   *
   * @throws {ConnectorsError} `CLAIM_LOST` as in `complete`.
   */
  readonly retryLater: (
    ref: WebhookEventRef<T>,
    end: { readonly attempt: number; readonly at: Date; readonly availableAt: Date; readonly error: string },
  ) => Promise<void>

  /**
   * Ends a claim with a failure that is not tried again by itself.
   *
   * @throws {ConnectorsError} `CLAIM_LOST` as in `complete`.
   */
  readonly deadLetter: (
    ref: WebhookEventRef<T>,
    end: { readonly attempt: number; readonly at: Date; readonly error: string },
  ) => Promise<void>

  /**
   * Deliveries of the handled types that wait to be processed, the longest-waiting first: `received`, `unhandled` and
   * `failed` ones whose `availableAt` has come, and `processing` ones whose claim expired more than `clockSkewMs` ago. Those
   * that have to wait for an earlier one with the same order key (see `claim`) are left out, and never in the way of others.
   */
  readonly due: (query: {
    readonly scope: Scope<T>
    readonly at: Date
    readonly clockSkewMs: number
    readonly limit: number
    readonly handled: HandledTypes
  }) => Promise<readonly DueWebhook<T>[]>
}

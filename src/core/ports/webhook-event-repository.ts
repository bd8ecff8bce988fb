import type { HandledTypes } from '../domain/handled-types.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { WebhookErrorKind, WebhookEvent, WebhookStatus } from '../domain/webhook-event.ts'

/** Names one stored delivery of one tenant. */
export interface WebhookEventRef<T extends TenantId> {
  readonly tenantId: T
  readonly id: string
}

/** A delivery that waits to be processed. */
export interface DueWebhook<T extends TenantId> extends WebhookEventRef<T> {
  readonly eventType: string
  readonly orderKey: string | null
  /** `processing` = whoever had claimed it never came back. */
  readonly status: WebhookStatus
}

/** Which deliveries to list. */
export interface WebhookEventFilter {
  readonly connectionId?: string
  readonly provider?: string
  readonly eventType?: string
  readonly status?: WebhookStatus
  readonly signatureValid?: boolean
  /** To the letter. */
  readonly idempotencyKey?: string
}

/** What went wrong with a delivery. */
export interface WebhookFailure {
  readonly error: string
  readonly errorKind: WebhookErrorKind
}

/** How a delivery is taken. */
export interface WebhookClaim {
  readonly at: Date
  readonly leaseMs: number
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
   * `received`, `failed`, `dead` and `unhandled` ones may be taken unless their body was removed; a `processing` one never, not
   * even when its claim expired: that is ended as a failure first, so that each crash counts.
   * Answers the row as taken (its `attempts` is the fence of the claim), or `null`.
   *
   * One with an order key waits while another with the same is `processing`, and while an
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
    end: WebhookFailure & {
      readonly attempt: number
      readonly at: Date
      readonly availableAt: Date
      /** Failures that count, this one among them if it does. */
      readonly failureCount: number
    },
  ) => Promise<void>

  /**
   * Ends a claim with a failure that is not tried again by itself.
   *
   * @throws {ConnectorsError} `CLAIM_LOST` as in `complete`.
   */
  readonly deadLetter: (
    ref: WebhookEventRef<T>,
    end: WebhookFailure & { readonly attempt: number; readonly at: Date },
  ) => Promise<void>

  /**
   * Begins anew with a `dead`, `failed`, `unhandled` or `processed` delivery whose body is still there: `received`, due at
   * once, without failures and error. `attempts` goes on, so that whoever still has an old claim can't end a new one. Answers
   * the row as written, or `null` for any other.
   */
  readonly requeue: (ref: WebhookEventRef<T>, start: { readonly at: Date }) => Promise<WebhookEvent<T> | null>

  /** Gives up a `received`, `failed` or `unhandled` delivery: `dead`. Answers the row as written, or `null` for any other. */
  readonly abandon: (ref: WebhookEventRef<T>, end: WebhookFailure) => Promise<WebhookEvent<T> | null>

  /**
   * Removes bodies, payloads and headers of `processed` and `dead` deliveries of all tenants that came in before an instant,
   * at most `limit`, and answers of how many; payload and headers are empty objects then. What makes them known stays. Of
   * concurrent calls each delivery is counted by one.
   */
  readonly purge: (query: { readonly before: Date; readonly at: Date; readonly limit: number }) => Promise<number>

  /**
   * Removes deliveries of all tenants, at most `limit`, and answers how many: those whose body was removed before
   * `purgedBefore`, and `rejected` ones that came in before `rejectedBefore`. Of concurrent calls each row is counted by one.
   */
  readonly prune: (query: {
    readonly purgedBefore: Date
    readonly rejectedBefore: Date
    readonly limit: number
  }) => Promise<number>

  /**
   * Deliveries of the handled types that wait to be processed, the longest-waiting first, but at most `perTenant` of one
   * tenant while others wait; what is then left of the limit is theirs again, at the end. They are `received`, `unhandled` and
   * `failed` ones whose `availableAt` has come, and `processing` ones whose claim expired more than `clockSkewMs` ago. Those
   * that have to wait for an earlier one with the same order key (see `claim`) are left out, and never in the way of others.
   */
  readonly due: (query: {
    readonly scope: Scope<T>
    readonly at: Date
    readonly clockSkewMs: number
    readonly limit: number
    readonly perTenant: number
    readonly handled: HandledTypes
  }) => Promise<readonly DueWebhook<T>[]>
}

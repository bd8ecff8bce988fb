import type { WebhookPattern } from './domain/handlers.ts'
import type { Listing } from './domain/listing.ts'
import type { AnyProvider, WebhookSubscription } from './domain/provider.ts'
import type { TenantId } from './domain/tenant.ts'
import type { WebhookEventView } from './domain/webhook-event.ts'
import type {
  AppReceiveResult,
  DueDelivery,
  DueDeliveryOptions,
  IncomingDelivery,
  ProcessResult,
  ReceiveOverrides,
  ReceiveResult,
} from './domain/webhook-outcome.ts'
import type { WebhookEventFilter } from './ports/webhook-event-repository.ts'

/** The verbs on webhooks. */
export interface WebhookVerbs<P extends AnyProvider, T extends TenantId> {
  /**
   * Verifies a delivery and stores it. Answer the sender with 2xx only when this has returned.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`, `CONNECTION_DELETED`, `BODY_TOO_LARGE`, `WEBHOOKS_UNSUPPORTED`,
   *   `INVALID_INPUT` when the body isn't raw bytes or an override is faulty, `STORE_UNAVAILABLE`.
   */
  receive(connectionId: string, delivery: IncomingDelivery, overrides?: ReceiveOverrides): Promise<ReceiveResult<T>>
  /**
   * Runs the handlers of a stored delivery, all in one transaction. `signal` tells them to stop.
   *
   * @throws {ConnectorsError} `WEBHOOK_EVENT_NOT_FOUND`; `INVALID_INPUT` for a rejected one; `BODY_PURGED`.
   */
  process(eventId: string, options?: { readonly signal?: AbortSignal }): Promise<ProcessResult<T>>
  /**
   * Processes what waits and has a handler here: new deliveries, retries whose time has come, and what a crash left behind.
   * A worker does so by itself (`work`); without one call it every few seconds.
   */
  processDue(options?: DueDeliveryOptions): Promise<readonly ProcessResult<T>[]>
  /** Deliveries, newest first. */
  list(filter?: WebhookEventFilter): Listing<WebhookEventView<T>>
  /** @throws {ConnectorsError} `WEBHOOK_EVENT_NOT_FOUND` if there is none or it is another tenant's. */
  get(eventId: string): Promise<WebhookEventView<T>>
  /**
   * Has a delivery that is `dead`, `failed`, `unhandled` or `processed` processed anew, with all its retries. It is due at
   * once; `processDue` takes it. One that is `received` or `processing` stays as it is.
   *
   * @throws {ConnectorsError} `WEBHOOK_EVENT_NOT_FOUND`; `INVALID_INPUT` for a rejected one; `BODY_PURGED`.
   */
  replay(eventId: string): Promise<WebhookEventView<T>>
  /** The same for all that match: `dead` ones, unless the filter names another status. Those whose body was removed are skipped. */
  replay(filter: WebhookEventFilter): Promise<{ readonly replayedCount: number; readonly skippedCount: number }>
  /**
   * Gives up a delivery that waits: `dead`, and what waits for it behind it can go on. One that is `dead` already stays as
   * it is.
   *
   * @throws {ConnectorsError} `WEBHOOK_EVENT_NOT_FOUND`; `CONFLICT` while it is being processed; `INVALID_INPUT` when it was
   *   processed or rejected.
   */
  skip(eventId: string, change?: { readonly reason?: string }): Promise<WebhookEventView<T>>
  /**
   * Where the provider has to deliver to: to be entered there, if it isn't registered by `register`.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`; `INVALID_INPUT` without the option `webhooks.baseUrl`.
   */
  url(connectionId: string): Promise<string>
  /**
   * Has the provider deliver these events to `url`, and no others; a secret is made and sealed if the connection has none. May
   * be called again, to change the events, to turn on what the provider has turned off, or after the secret was rotated.
   *
   * @param events - types, groups (`issues.*`) or `*`, as far as the provider can tell them apart: it may deliver more.
   * @throws {ConnectorsError} what calls of an adapter throw; `WEBHOOKS_UNSUPPORTED` where it has to be done by hand;
   *   `INVALID_INPUT` for events that there are not, or without the option `webhooks.baseUrl`.
   */
  register(
    connectionId: string,
    events: readonly WebhookPattern<P>[],
    options?: {
      /** Has it signed with another secret from now on; former ones are accepted for a day more. Default: false. */
      readonly newSecret?: boolean
    },
  ): Promise<readonly WebhookSubscription[]>
  /** What the provider has registered for the connection, and nothing else. Throws what `register` throws. */
  subscriptions(connectionId: string): Promise<readonly WebhookSubscription[]>
  /** Ends all of it, or one; answers what is left. Throws what `register` throws. */
  unregister(connectionId: string, subscriptionId?: string): Promise<readonly WebhookSubscription[]>
}

/** The verbs on webhooks across tenants. */
export interface OperatorWebhookVerbs<P extends AnyProvider, T extends TenantId> extends WebhookVerbs<P, T> {
  /**
   * Verifies a delivery to the address of an app by the app's own secrets (the option `webhooks.apps`), and stores it for each
   * connection, of whichever tenant, that has an account it is about. Answer the sender with 2xx only when this has returned:
   * if it fails half-way and the delivery comes again, only what is missing is stored.
   *
   * @param provider - its `name`, or `family.name`.
   * @throws {ConnectorsError} `WEBHOOKS_UNSUPPORTED` when no such app is configured; `BODY_TOO_LARGE`; `INVALID_INPUT` when
   *   the body isn't raw bytes; `STORE_UNAVAILABLE`.
   */
  receiveForApp(provider: string, delivery: IncomingDelivery): Promise<AppReceiveResult<T>>
  /** What `processDue` would process, in that order; processes nothing. */
  due(options?: DueDeliveryOptions): Promise<readonly DueDelivery<T>[]>
  /**
   * Removes what is old, of all tenants, in small batches: the bodies of `processed` and `dead` deliveries that came in longer
   * ago than `bodiesOlderThanMs` (default 30 days), and `rejected` ones; and, when they were known for `keysOlderThanMs`
   * (default 400 days), the rest of them. What still waits is never removed. Ticks do so by
   * themselves (`work`, `tick`); without them call it once a day.
   *
   * @throws {ConnectorsError} `INVALID_INPUT`.
   */
  prune(options?: {
    readonly bodiesOlderThanMs?: number
    readonly keysOlderThanMs?: number
  }): Promise<{ readonly purgedCount: number; readonly removedCount: number }>
}

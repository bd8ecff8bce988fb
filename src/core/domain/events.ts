import type { ConnectionView } from './connection.ts'
import type { ErrorCode } from './errors.ts'
import type { PauseCause } from './pause.ts'
import type { ParsedWebhookEvent } from './provider.ts'
import type { RejectedItem, SyncResult } from './sync-result.ts'
import type { SyncStateView } from './sync-state.ts'
import type { TenantId } from './tenant.ts'
import type { WebhookEventView } from './webhook-event.ts'

/** What every event says. */
export interface EventBase<T extends TenantId = TenantId> {
  readonly at: Date
  readonly tenantId: T
  readonly connectionId: string
  readonly provider: { readonly family: string; readonly name: string }
}

/** What events say that are about an app and no connection. */
export type AppEvent = Pick<EventBase, 'at' | 'provider'>

/** What every event of a sync says. */
export interface SyncEvent<T extends TenantId> extends EventBase<T> {
  readonly resource: string
  /** Names the row of the sync: the resource, unless the run was given a key of its own. */
  readonly stateKey: string
  /** Also marks the audit rows of the run. */
  readonly runId: string
  /** Whether the run walks through everything. */
  readonly isFull: boolean
}

/** What events about a stored delivery say. */
export interface WebhookStored<T extends TenantId> extends EventBase<T> {
  readonly event: WebhookEventView<T>
}

/**
 * The events of the library, each emitted after the commit of what it tells about. Views only: no ciphertext, no secrets.
 * Listeners are told; nothing depends on them. Each gets a copy of its own; only errors are shared.
 */
export interface ConnectorEvents<T extends TenantId = TenantId> {
  /** A connection was made. */
  readonly 'connection.created': EventBase<T> & { readonly connection: ConnectionView<T> }
  /** `isConnected` or `isEnabled` changed. */
  readonly 'connection.statusChanged': EventBase<T> & {
    readonly connection: ConnectionView<T>
    readonly isConnected: boolean
    readonly isEnabled: boolean
    readonly previousConnected: boolean
    readonly previousEnabled: boolean
  }
  /** A connection was turned off: by the circuit breaker or by hand. Exactly one per transition. */
  readonly 'connection.disabled': EventBase<T> & {
    readonly reason: string | null
    readonly authFailureCount: number
  }
  /** A connection was turned on. */
  readonly 'connection.enabled': EventBase<T>
  /** Nothing is sent for a while, by whichever process; or for longer than was told before. */
  readonly 'connection.paused': EventBase<T> & {
    readonly untilAt: Date
    readonly reason: string | null
    readonly cause: PauseCause
    /** Outages that were met since the provider last answered. */
    readonly pauseCount: number
  }
  /** A pause has ended: the provider answers again, or somebody decided so. */
  readonly 'connection.resumed': EventBase<T>
  /** A connection was deleted; its secrets are erased. */
  readonly 'connection.deleted': EventBase<T>
  /** The grant behind the credentials is lost: whoever connected the account has to do so again. Once per loss. */
  readonly 'connection.needsReauthorization': EventBase<T> & {
    readonly connection: ConnectionView<T>
    readonly reason: string
  }
  /** Credentials were replaced. */
  readonly 'credentials.rotated': EventBase<T> & { readonly credentialsVersion: number }
  /** The library has exchanged credentials that were about to expire, or were refused, for new ones. */
  readonly 'credentials.refreshed': EventBase<T> & {
    readonly credentialsVersion: number
    readonly tokenExpiresAt: Date | null
  }
  /** A run has the lease and begins. */
  readonly 'sync.started': SyncEvent<T>
  /** A page was handled and its cursor committed with it. */
  readonly 'sync.pageCommitted': SyncEvent<T> & {
    readonly itemCount: number
    readonly hasMore: boolean
    /** The items of the page that the handler rejected. */
    readonly rejected: readonly RejectedItem[]
  }
  /** A run reached the end. */
  readonly 'sync.completed': SyncEvent<T> & {
    readonly result: SyncResult
    readonly state: SyncStateView<T>
  }
  /** A run failed; the cursor stands where the last good page left it. */
  readonly 'sync.failed': SyncEvent<T> & { readonly result: SyncResult }
  /** A run did not start: someone else runs, or the connection isn't operational. */
  readonly 'sync.skipped': SyncEvent<T> & { readonly result: SyncResult }
  /** A delivery was verified and stored. */
  readonly 'webhook.received': WebhookStored<T>
  /** A delivery was a repetition of a stored one. */
  readonly 'webhook.duplicated': WebhookStored<T>
  /** A delivery did not prove that it comes from the provider. */
  readonly 'webhook.rejected': EventBase<T> & {
    readonly reason: string
    /** The row that was kept, or `null` when the daily quota of kept rejections is used up. */
    readonly eventId: string | null
  }
  /** A delivery to the address of an app did not prove that it comes from the provider. No connection is involved. */
  readonly 'webhook.appRejected': AppEvent & { readonly reason: string }
  /** A genuine delivery to the address of an app is about accounts that no connection has. */
  readonly 'webhook.appUnmatched': AppEvent & { readonly accounts: readonly string[] }
  /** All handlers of a delivery committed. */
  readonly 'webhook.processed': WebhookStored<T> & { readonly parsed: ParsedWebhookEvent }
  /** Processing failed and will be tried again. */
  readonly 'webhook.failed': WebhookStored<T> & { readonly error: string; readonly retryAt: Date }
  /** Processing failed for the last time, or somebody skipped it. */
  readonly 'webhook.dead': WebhookStored<T> & { readonly error: string }
  /** A call through an adapter failed. */
  readonly 'operation.failed': EventBase<T> & {
    readonly action: string
    readonly runId: string | null
    readonly code: ErrorCode
    readonly message: string
  }
}

/** The name of an event. */
export type EventName = keyof ConnectorEvents

/** Told about one kind of event; may be async, may fail. */
export type Listener<T extends TenantId, Name extends EventName> = (event: ConnectorEvents<T>[Name]) => unknown

/** The names of all events. */
export const eventNames: readonly EventName[] = Object.keys({
  'connection.created': true,
  'connection.statusChanged': true,
  'connection.disabled': true,
  'connection.enabled': true,
  'connection.paused': true,
  'connection.resumed': true,
  'connection.deleted': true,
  'connection.needsReauthorization': true,
  'credentials.rotated': true,
  'credentials.refreshed': true,
  'sync.started': true,
  'sync.pageCommitted': true,
  'sync.completed': true,
  'sync.failed': true,
  'sync.skipped': true,
  'webhook.received': true,
  'webhook.duplicated': true,
  'webhook.rejected': true,
  'webhook.appRejected': true,
  'webhook.appUnmatched': true,
  'webhook.processed': true,
  'webhook.failed': true,
  'webhook.dead': true,
  'operation.failed': true,
} satisfies Record<EventName, true>) as EventName[] // the keys are what `satisfies` demands

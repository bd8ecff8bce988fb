import type { ChallengeAnswer } from './provider.ts'
import type { SignatureScheme } from './signature.ts'
import type { TenantId } from './tenant.ts'
import type { WebhookEventView } from './webhook-event.ts'

/** A delivery as it came in: a web request, or its parts. The body has to be the raw bytes. */
export type IncomingDelivery =
  | Request
  | {
      readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
      readonly body: Uint8Array
      /** Absolute, as the provider was given it. Needed where the signature covers it (Twilio, Square), and for a GET. */
      readonly url?: string
      /** Default `POST`. A `GET` is never a delivery, but may ask whether somebody is there. */
      readonly method?: 'GET' | 'POST'
    }

/** For a route of your own: what a delivery is verified by instead of what the provider and the connection say. */
export interface ReceiveOverrides {
  /** Default: the provider's. */
  readonly scheme?: SignatureScheme
  /** All that are live; with none, everything is rejected. Default: the connection's. */
  readonly secrets?: readonly string[]
}

/** One stored event. */
export interface ReceivedEvent<T extends TenantId = TenantId> {
  /** `false`: stored before, its processing is untouched. */
  readonly isNew: boolean
  readonly event: WebhookEventView<T>
}

/** What became of a delivery. */
export type ReceiveResult<T extends TenantId = TenantId> =
  | {
      /** `duplicate`: nothing in it is new. */
      readonly status: 'accepted' | 'duplicate'
      /** `false` only where the provider is declared to sign nothing. */
      readonly signatureValid: boolean
      /** The stored event, the first where the provider finds several in one delivery. */
      readonly event: WebhookEventView<T>
      /** All of them. */
      readonly events: readonly ReceivedEvent<T>[]
    }
  | {
      readonly status: 'rejected'
      readonly signatureValid: false
      /** For you, not for the sender. */
      readonly reason: string
    }
  | {
      /** The provider asks whether somebody is there: nothing was stored. */
      readonly status: 'challenge'
      readonly signatureValid: boolean
      /** What to answer. */
      readonly answer: Required<ChallengeAnswer>
    }

/** One event of an app's delivery, stored for one connection. */
export interface ReceivedForAccount<T extends TenantId = TenantId> {
  /** `false`: stored before, its processing is untouched. */
  readonly isNew: boolean
  readonly eventId: string
  readonly tenantId: T
  readonly connectionId: string
}

/** What became of a delivery to the address of an app. */
export type AppReceiveResult<T extends TenantId = TenantId> =
  | {
      /** `duplicate`: nothing in it is new. */
      readonly status: 'accepted' | 'duplicate'
      readonly signatureValid: true
      /** Whom it is about. */
      readonly accounts: readonly string[]
      readonly events: readonly ReceivedForAccount<T>[]
    }
  /** Genuine, but nobody here has such an account: nothing was stored. */
  | { readonly status: 'unmatched'; readonly signatureValid: true; readonly accounts: readonly string[] }
  | Extract<ReceiveResult<T>, { readonly status: 'rejected' | 'challenge' }>

/** What became of the processing of a delivery. */
export type ProcessResult<T extends TenantId = TenantId> =
  | { readonly status: 'processed'; readonly eventId: string; readonly event: WebhookEventView<T> }
  /** No handler here; it stays due for a process that has one. */
  | { readonly status: 'unhandled'; readonly eventId: string }
  /** Someone else is at it, it is done already, or this process is closing. */
  | { readonly status: 'skipped'; readonly eventId: string }
  | { readonly status: 'failed'; readonly eventId: string; readonly error: string; readonly retryAt: Date }
  | { readonly status: 'dead'; readonly eventId: string; readonly error: string }
  /** Its connection is disabled, and the option `webhooks.whileDisabled` says `hold`. */
  | { readonly status: 'held'; readonly eventId: string; readonly retryAt: Date }

/** Which deliveries that are due to take. */
export interface DueDeliveryOptions {
  /** Most deliveries. Default 100. */
  readonly limit?: number
  /** Most deliveries of one tenant while others wait. Default 10. */
  readonly perTenant?: number
}

/** A delivery that waits to be processed, and has a handler here. */
export interface DueDelivery<T extends TenantId = TenantId> {
  readonly tenantId: T
  readonly eventId: string
  readonly eventType: string
  /** What it is about, where deliveries are kept in order. */
  readonly orderKey: string | null
}

import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Json, JsonObject } from '../../core/domain/json.ts'
import type { WebhookDelivery, WebhookSupport } from '../../core/domain/provider.ts'
import { parseJsonBody } from '../../core/domain/webhook-delivery.ts'
import { signatures } from '../kit/index.ts'
import { eventSchema, type StripeEvent } from './stripe-event.ts'

/**
 * Webhooks of an account: https://docs.stripe.com/webhooks. The event's id stands in the signed body, and is the same in
 * every attempt to deliver it.
 */
export const stripeWebhooks: WebhookSupport<StripeEvent> = {
  signature: signatures.stripe,
  deliveryId: { body: 'id' },
  eventType(_headers, payload) {
    const type = typeof payload === 'object' && payload !== null && 'type' in payload ? payload.type : null
    return typeof type === 'string' && type !== '' ? type : 'unknown'
  },
  orderKey(_headers, payload) {
    const object = memberOf(memberOf(payload, 'data'), 'object')
    const id = memberOf(object, 'id')
    return typeof id === 'string' ? id : null
  },
  /** The connected account, `acct_…`, of what comes to a Connect endpoint: https://docs.stripe.com/connect/webhooks */
  accounts({ rawBody }) {
    const account = memberOf(parseJsonBody(rawBody), 'account')
    return typeof account === 'string' ? [account] : []
  },
  parse({ rawBody }: WebhookDelivery): StripeEvent {
    const parsed = eventSchema.safeParse(parseJson(rawBody))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new ConnectorsError(
      'PROVIDER_FAILED',
      `The Stripe delivery is JSON, but no documented event: ${issue?.path.map(String).join('.') || 'the body'}: ${issue?.message ?? 'invalid'}.`,
    )
  },
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject)[name] : undefined
}

function parseJson(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody))
  } catch {
    throw new ConnectorsError('PROVIDER_FAILED', `The Stripe delivery is not JSON (${rawBody.byteLength} bytes).`)
  }
}

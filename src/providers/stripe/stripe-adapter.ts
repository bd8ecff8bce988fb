import { z } from 'zod'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Money, Payment, PaymentAdapter, PaymentPageRequest, Refund } from '../../families/payment/index.ts'
import { inPath, type StripeApi, stripeVersion } from './stripe-api.ts'
import { chargeSchema, type StripeCharge } from './stripe-charge.ts'
import { moneyToStripe } from './stripe-currency.ts'
import { eventSchema, type StripeEvent } from './stripe-event.ts'
import type { StripeFeeds } from './stripe-feeds.ts'
import { newPaymentIntentSchema, paymentIntentSchema } from './stripe-payment.ts'
import { refundSchema } from './stripe-refund.ts'

/** A payment that is to be made: https://docs.stripe.com/api/payment_intents/create */
export interface NewPaymentIntent {
  readonly amount: Money
  /** Makes a repetition the same payment, e.g. the number of the order. */
  readonly idempotencyKey: string
  readonly customerExternalId?: string
  readonly description?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Reserves the money only; `capturePayment` takes it. Default false. */
  readonly isCapturedLater?: boolean
}

/** Where Stripe delivers events to. */
export interface StripeWebhookEndpoint {
  readonly id: string
  readonly url: string
  /** `*` = all. */
  readonly eventTypes: readonly string[]
  readonly isEnabled: boolean
}

/** What a connection to Stripe can do, beyond what every payment provider can. */
export type StripeAdapter = PaymentAdapter & {
  /** Proves that the key may read payments. */
  testConnection(): Promise<{ readonly livemode: boolean | null }>
  /** Answers the secret with which the payer's browser completes the payment, too. Hand it to nobody else, store it nowhere. */
  createPaymentIntent(payment: NewPaymentIntent): Promise<{ readonly payment: Payment; readonly clientSecret: string }>
  /** Takes money that was reserved: all, or `amount` in the payment's currency. */
  capturePayment(
    externalId: string,
    capture: { readonly idempotencyKey: string; readonly amount?: string },
  ): Promise<Payment>
  /** Ends a payment that was not taken yet; money that was reserved is let go. */
  cancelPayment(externalId: string, cancellation: { readonly idempotencyKey: string }): Promise<Payment>
  /** Charges: first all of them, then those that changed. */
  getCharges(request?: PaymentPageRequest): Promise<FetchedPage<StripeCharge>>
  /** One charge. */
  getCharge(externalId: string): Promise<StripeCharge>
  /** What happened in the account; Stripe keeps it for 30 days. */
  getEvents(request?: PaymentPageRequest): Promise<FetchedPage<StripeEvent>>
  /** One event, e.g. to see whether a delivery told the truth. */
  getEvent(id: string): Promise<StripeEvent>
  /** Makes Stripe deliver events to `url`. Answers the secret that they are signed with: it is told this once. */
  createWebhookEndpoint(endpoint: {
    readonly url: string
    /** E.g. `payment_intent.succeeded`; `*` = all. */
    readonly eventTypes: readonly string[]
    readonly idempotencyKey: string
    readonly description?: string
  }): Promise<StripeWebhookEndpoint & { readonly secret: string }>
  /** Changes which events an endpoint gets, and turns it on. */
  updateWebhookEndpoint(
    id: string,
    change: { readonly eventTypes: readonly string[]; readonly idempotencyKey: string },
  ): Promise<StripeWebhookEndpoint>
  /** All endpoints of the account. */
  listWebhookEndpoints(): Promise<readonly StripeWebhookEndpoint[]>
  /** Ends the deliveries to an endpoint. */
  deleteWebhookEndpoint(id: string): Promise<void>
}

const refundReasons: ReadonlySet<string> = new Set(['duplicate', 'fraudulent', 'requested_by_customer'])
const withCharge = { expand: ['latest_charge'] }

// https://docs.stripe.com/api/webhook_endpoints/object
const endpointSchema = z
  .object({ id: z.string(), url: z.string(), enabled_events: z.array(z.string()), status: z.string() })
  .transform(
    ({ id, url, enabled_events, status }): StripeWebhookEndpoint => ({
      id,
      url,
      eventTypes: enabled_events,
      isEnabled: status === 'enabled',
    }),
  )

/** The methods of a connection. */
export function createStripeAdapter(api: StripeApi, feeds: StripeFeeds): StripeAdapter {
  const getPayment = (externalId: string) =>
    api.get(`/v1/payment_intents/${inPath(externalId)}`, paymentIntentSchema, withCharge)
  const getCharge = (externalId: string) => api.get(`/v1/charges/${inPath(externalId)}`, chargeSchema)

  return {
    async testConnection() {
      const schema = z.object({ livemode: z.boolean() })
      const { items } = await api.list('/v1/payment_intents', schema, { limit: 1 }, undefined)
      return { livemode: items[0]?.livemode ?? null }
    },
    async getPayments(request = {}) {
      return feeds.payments(request)
    },
    async getPayment(externalId) {
      return getPayment(externalId)
    },
    async getRefunds(request = {}) {
      return feeds.refunds(request)
    },
    async refundPayment(externalId, { idempotencyKey, amount, reason }): Promise<Refund> {
      const isCharge = /^(?:ch|py)_/.test(externalId)
      const currency = async () => {
        const { amount: paid } = await (isCharge ? getCharge(externalId) : getPayment(externalId))
        return paid.currency
      }
      const isKnownReason = reason !== undefined && refundReasons.has(reason)
      const form = {
        [isCharge ? 'charge' : 'payment_intent']: inPath(externalId),
        ...(amount !== undefined && { amount: moneyToStripe({ amount, currency: await currency() }) }),
        // Stripe knows three reasons; any other one is kept beside it.
        ...(reason !== undefined && (isKnownReason ? { reason } : { metadata: { reason } })),
      }
      return api.post('/v1/refunds', refundSchema, form, idempotencyKey)
    },
    async getPayers(request = {}) {
      return feeds.payers(request)
    },
    async createPaymentIntent({ amount, idempotencyKey, customerExternalId, description, metadata, isCapturedLater }) {
      const form = {
        amount: moneyToStripe(amount),
        currency: amount.currency.toLowerCase(),
        customer: customerExternalId,
        description,
        metadata,
        capture_method: isCapturedLater === true ? 'manual' : undefined,
        ...withCharge,
      }
      return api.post('/v1/payment_intents', newPaymentIntentSchema, form, idempotencyKey)
    },
    async capturePayment(externalId, { idempotencyKey, amount }) {
      const form =
        amount === undefined
          ? {}
          : {
              amount_to_capture: moneyToStripe({ amount, currency: (await getPayment(externalId)).amount.currency }),
            }
      const path = `/v1/payment_intents/${inPath(externalId)}/capture`
      return api.post(path, paymentIntentSchema, { ...form, ...withCharge }, idempotencyKey)
    },
    async cancelPayment(externalId, { idempotencyKey }) {
      const path = `/v1/payment_intents/${inPath(externalId)}/cancel`
      return api.post(path, paymentIntentSchema, withCharge, idempotencyKey)
    },
    async getCharges(request = {}) {
      return feeds.charges(request)
    },
    async getCharge(externalId) {
      return getCharge(externalId)
    },
    async getEvents(request = {}) {
      return feeds.events(request)
    },
    async getEvent(id) {
      return api.get(`/v1/events/${inPath(id)}`, eventSchema)
    },
    async createWebhookEndpoint({ url, eventTypes, idempotencyKey, description }) {
      const form = { url, enabled_events: eventTypes, description, api_version: stripeVersion }
      const schema = endpointSchema.and(z.object({ secret: z.string().min(1) }))
      const { id, isEnabled, secret, ...rest } = await api.post('/v1/webhook_endpoints', schema, form, idempotencyKey)
      return { id, url: rest.url, eventTypes: rest.eventTypes, isEnabled, secret }
    },
    async updateWebhookEndpoint(id, { eventTypes, idempotencyKey }) {
      // https://docs.stripe.com/api/webhook_endpoints/update
      const form = { enabled_events: eventTypes, disabled: false }
      return api.post(`/v1/webhook_endpoints/${inPath(id)}`, endpointSchema, form, idempotencyKey)
    },
    async listWebhookEndpoints() {
      // An account can have 16 of them: one page holds them all.
      return (await api.list('/v1/webhook_endpoints', endpointSchema, { limit: 100 }, undefined)).items
    },
    async deleteWebhookEndpoint(id) {
      await api.delete(`/v1/webhook_endpoints/${inPath(id)}`, z.object({ deleted: z.literal(true) }))
    },
  }
}

import { z } from 'zod'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Payer } from '../../families/payment/payer.ts'
import type { Payment } from '../../families/payment/payment.ts'
import type { PaymentPageRequest } from '../../families/payment/payment-adapter.ts'
import type { Refund } from '../../families/payment/refund.ts'
import { type ChangingObjects, pageOfChanges } from './page-of-changes.ts'
import { type ListEvents, pageOfEvents } from './page-of-events.ts'
import { inPath, type StripeApi } from './stripe-api.ts'
import { chargeSchema, type StripeCharge } from './stripe-charge.ts'
import { eventSchema, type StripeEvent } from './stripe-event.ts'
import { customerSchema, deletedSchema } from './stripe-payer.ts'
import { paymentIntentSchema } from './stripe-payment.ts'
import { refundSchema } from './stripe-refund.ts'

const pageSize = 100

// Each of them may name an object to fetch.
const changesAtOnce = 40

// Stripe doesn't say that events become visible in the order of their instants: one that is this old is not overtaken.
const settlingMs = 10_000

// https://docs.stripe.com/api/events/types
const paymentEvents = [
  ...['amount_capturable_updated', 'canceled', 'created', 'partially_funded'].map((what) => `payment_intent.${what}`),
  ...['payment_failed', 'processing', 'requires_action', 'succeeded'].map((what) => `payment_intent.${what}`),
  // An intent doesn't change when it is refunded; its charge does.
  'charge.refunded',
]
const chargeEvents = ['captured', 'expired', 'failed', 'pending', 'refunded', 'succeeded', 'updated'].map(
  (what) => `charge.${what}`,
)
const payerEvents = ['customer.created', 'customer.updated']
const refundEvents = ['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated']

/** What a connection can be paged through for. */
export interface StripeFeeds {
  payments(request: PaymentPageRequest): Promise<FetchedPage<Payment>>
  charges(request: PaymentPageRequest): Promise<FetchedPage<StripeCharge>>
  refunds(request: PaymentPageRequest): Promise<FetchedPage<Refund>>
  payers(request: PaymentPageRequest): Promise<FetchedPage<Payer>>
  events(request: PaymentPageRequest): Promise<FetchedPage<StripeEvent>>
}

/** The listings of Stripe as pages that a sync can follow. */
export function createStripeFeeds(api: StripeApi, now: () => Date): StripeFeeds {
  const listEvents =
    (types: readonly string[] | undefined, size: number): ListEvents =>
    ({ startingAfter, endingBefore, limit = size, signal }) => {
      const lte = Math.floor((now().getTime() - settlingMs) / 1000)
      const query = { types, limit, starting_after: startingAfter, ending_before: endingBefore, created: { lte } }
      return api.list('/v1/events', eventSchema, query, signal)
    }

  function changing<Item extends { readonly externalId: string }>(kind: {
    readonly path: string
    readonly schema: z.ZodType<Item>
    readonly expand?: string
    readonly events: readonly string[]
    readonly changedBy: (event: StripeEvent) => unknown
  }) {
    const { path, expand } = kind
    const objects: ChangingObjects<Item> = {
      list: ({ after, signal }) => {
        const query = { limit: pageSize, starting_after: after, ...(expand && { expand: [`data.${expand}`] }) }
        return api.list(path, kind.schema, query, signal)
      },
      get: (id, signal) =>
        api.get(
          `${path}/${inPath(id)}`,
          z.union([deletedSchema, kind.schema]),
          expand ? { expand: [expand] } : {},
          signal,
        ),
      keyOf: ({ externalId }) => externalId,
      events: listEvents(kind.events, changesAtOnce),
      changedBy: (event) => {
        const id = kind.changedBy(event)
        return typeof id === 'string' && id !== '' ? id : null
      },
    }
    return ({ cursor = null, signal }: PaymentPageRequest) => pageOfChanges(objects, { cursor, signal })
  }

  const ownId = ({ object }: StripeEvent) => object?.id
  const allEvents = listEvents(undefined, pageSize)
  return {
    payments: changing({
      path: '/v1/payment_intents',
      schema: paymentIntentSchema,
      expand: 'latest_charge',
      events: paymentEvents,
      changedBy: ({ object }) => (object?.object === 'charge' ? object.payment_intent : object?.id),
    }),
    charges: changing({ path: '/v1/charges', schema: chargeSchema, events: chargeEvents, changedBy: ownId }),
    refunds: changing({ path: '/v1/refunds', schema: refundSchema, events: refundEvents, changedBy: ownId }),
    payers: changing({ path: '/v1/customers', schema: customerSchema, events: payerEvents, changedBy: ownId }),
    async events({ cursor = null, signal }) {
      const page = await pageOfEvents(allEvents, cursor, signal)
      if (page !== null) return page
      const anew = await pageOfEvents(allEvents, null, signal)
      // From the beginning no event is named, so none can be unknown.
      return anew as FetchedPage<StripeEvent>
    },
  }
}

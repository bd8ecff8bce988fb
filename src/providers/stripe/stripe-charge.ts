import { z } from 'zod'
import type { Payment, PaymentStatus } from '../../families/payment/payment.ts'
import { moneyFromStripe } from './stripe-currency.ts'
import { createdSchema, idOf, metadataSchema, rawOf, referenceSchema } from './stripe-object.ts'

const statuses: Readonly<Record<string, PaymentStatus>> = {
  pending: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
}

/** A charge, one attempt to move the money of a payment. */
export interface StripeCharge extends Payment {
  /** The payment intent that it belongs to; `null` for charges made without one. */
  readonly paymentExternalId: string | null
}

/** https://docs.stripe.com/api/charges/object */
export const chargeSchema = z
  .looseObject({
    id: z.string().min(1),
    amount: z.int(),
    amount_refunded: z.int(),
    currency: z.string(),
    status: z.string(),
    captured: z.boolean(),
    created: createdSchema,
    customer: referenceSchema.nullish(),
    payment_intent: referenceSchema.nullish(),
    description: z.string().nullish(),
    failure_message: z.string().nullish(),
    metadata: metadataSchema,
  })
  .transform(
    (raw): StripeCharge => ({
      externalId: raw.id,
      paymentExternalId: idOf(raw.payment_intent),
      status: raw.status === 'succeeded' && !raw.captured ? 'authorised' : (statuses[raw.status] ?? null),
      providerStatus: raw.status,
      amount: moneyFromStripe(raw.amount, raw.currency),
      amountRefunded: moneyFromStripe(raw.amount_refunded, raw.currency),
      customerExternalId: idOf(raw.customer),
      description: raw.description ?? null,
      failureReason: raw.failure_message ?? null,
      metadata: raw.metadata ?? {},
      createdAt: raw.created,
      raw: rawOf(raw),
    }),
  )

import { z } from 'zod'
import type { Payment, PaymentStatus } from '../../families/payment/payment.ts'
import { moneyFromStripe } from './stripe-currency.ts'
import { createdSchema, idOf, metadataSchema, rawOf, referenceSchema } from './stripe-object.ts'

const statuses: Readonly<Record<string, PaymentStatus>> = {
  requires_payment_method: 'requires-action',
  requires_confirmation: 'requires-action',
  requires_action: 'requires-action',
  processing: 'pending',
  requires_capture: 'authorised',
  canceled: 'cancelled',
  succeeded: 'succeeded',
}

const intentSchema = z.looseObject({
  id: z.string().min(1),
  amount: z.int(),
  currency: z.string(),
  status: z.string(),
  created: createdSchema,
  customer: referenceSchema.nullish(),
  description: z.string().nullish(),
  metadata: metadataSchema,
  last_payment_error: z.looseObject({ message: z.string().nullish() }).nullish(),
  latest_charge: z.union([z.string(), z.looseObject({ amount_refunded: z.int() })]).nullish(),
})

/** A payment intent: https://docs.stripe.com/api/payment_intents/object. Its latest charge, expanded, tells what was refunded. */
export const paymentIntentSchema = intentSchema.transform(toPayment)

/** A payment intent that was just made: it tells the secret that the payer's browser completes it with. */
export const newPaymentIntentSchema = intentSchema
  .extend({ client_secret: z.string().min(1) })
  .transform((raw) => ({ payment: toPayment(raw), clientSecret: raw.client_secret }))

function toPayment(raw: z.output<typeof intentSchema>): Payment {
  const { latest_charge: charge, last_payment_error: refusal, currency } = raw
  // After a refusal Stripe asks for another means of payment: the status alone doesn't tell it from a fresh intent.
  const hasFailed = raw.status === 'requires_payment_method' && refusal != null
  const refunded = charge == null ? 0 : typeof charge === 'string' ? null : charge.amount_refunded
  return {
    externalId: raw.id,
    status: hasFailed ? 'failed' : (statuses[raw.status] ?? null),
    providerStatus: raw.status,
    amount: moneyFromStripe(raw.amount, currency),
    amountRefunded: refunded === null ? null : moneyFromStripe(refunded, currency),
    customerExternalId: idOf(raw.customer),
    description: raw.description ?? null,
    failureReason: hasFailed ? (refusal?.message ?? null) : null,
    metadata: raw.metadata ?? {},
    createdAt: raw.created,
    raw: rawOf(raw),
  }
}

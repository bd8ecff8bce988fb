import { z } from 'zod'
import type { Refund } from '../../families/payment/refund.ts'
import { moneyFromStripe } from './stripe-currency.ts'
import { createdSchema, idOf, rawOf, referenceSchema } from './stripe-object.ts'

const statuses: Readonly<Record<string, NonNullable<Refund['status']>>> = {
  pending: 'pending',
  requires_action: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'cancelled',
}

/** https://docs.stripe.com/api/refunds/object */
export const refundSchema = z
  .looseObject({
    id: z.string().min(1),
    amount: z.int(),
    currency: z.string(),
    status: z.string().nullish(),
    reason: z.string().nullish(),
    created: createdSchema,
    payment_intent: referenceSchema.nullish(),
    charge: referenceSchema.nullish(),
  })
  .transform(
    (raw): Refund => ({
      externalId: raw.id,
      paymentExternalId: idOf(raw.payment_intent) ?? idOf(raw.charge),
      amount: moneyFromStripe(raw.amount, raw.currency),
      status: statuses[raw.status ?? ''] ?? null,
      providerStatus: raw.status ?? '',
      reason: raw.reason ?? null,
      createdAt: raw.created,
      raw: rawOf(raw),
    }),
  )

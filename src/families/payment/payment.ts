import { z } from 'zod'
import { moneySchema } from '../money.ts'
import { rawSchema } from '../raw-json.ts'

/**
 * What a payment can be:
 * - `pending`: under way, nothing to do
 * - `requires-action`: the payer, or the merchant, has to do something
 * - `authorised`: the money is reserved, not taken
 * - `succeeded`: the money is taken; refunds are told by `amountRefunded`
 * - `cancelled`: given up before money moved
 * - `failed`: refused
 */
export const paymentStatusSchema = z.enum([
  'pending',
  'requires-action',
  'authorised',
  'succeeded',
  'cancelled',
  'failed',
])

/** What a payment can be. */
export type PaymentStatus = z.output<typeof paymentStatusSchema>

/** One movement of money from a payer. */
export const paymentSchema = z.object({
  /** The provider's id. */
  externalId: z.string().min(1),
  /** `null` for a status of the provider's that has no meaning here. */
  status: paymentStatusSchema.nullable(),
  /** The provider's own word for it. */
  providerStatus: z.string(),
  amount: moneySchema,
  /** As far as the provider tells; `null` where only its refunds do. */
  amountRefunded: moneySchema.nullable(),
  customerExternalId: z.string().nullable(),
  description: z.string().nullable(),
  /** Why it failed, for people. */
  failureReason: z.string().nullable(),
  /** What the merchant attached. */
  metadata: z.record(z.string(), z.string()),
  createdAt: z.date(),
  raw: rawSchema,
})

/** One movement of money from a payer. */
export type Payment = z.output<typeof paymentSchema>

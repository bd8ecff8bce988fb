import { z } from 'zod'
import { moneySchema } from '../money.ts'
import { rawSchema } from '../raw-json.ts'

/** Money that goes back to a payer. */
export const refundSchema = z.object({
  /** The provider's id. */
  externalId: z.string().min(1),
  paymentExternalId: z.string().nullable(),
  amount: moneySchema,
  /** `null` for a status of the provider's that has no meaning here. */
  status: z.enum(['pending', 'succeeded', 'failed', 'cancelled']).nullable(),
  providerStatus: z.string(),
  reason: z.string().nullable(),
  createdAt: z.date(),
  raw: rawSchema,
})

/** Money that goes back to a payer. */
export type Refund = z.output<typeof refundSchema>

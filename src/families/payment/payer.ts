import { z } from 'zod'
import { rawSchema } from '../raw-json.ts'

/** Someone who pays, as the provider knows them. */
export const payerSchema = z.object({
  /** The provider's id. */
  externalId: z.string().min(1),
  email: z.string().nullable(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  createdAt: z.date(),
  raw: rawSchema,
})

/** Someone who pays, as the provider knows them. */
export type Payer = z.output<typeof payerSchema>

import { z } from 'zod'
import { rawSchema } from '../raw-json.ts'
import { addressSchema } from './address.ts'

/** Someone with an account at the shop. */
export const customerSchema = z.object({
  /** The shop's id. */
  externalId: z.string().min(1),
  email: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  billingAddress: addressSchema.nullable(),
  shippingAddress: addressSchema.nullable(),
  createdAt: z.date().nullable(),
  updatedAt: z.date().nullable(),
  raw: rawSchema,
})

/** Someone with an account at the shop. */
export type Customer = z.output<typeof customerSchema>

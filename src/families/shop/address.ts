import { z } from 'zod'

const text = z.string().nullable()

/** Where something is sent or billed to. What the shop didn't say is `null`, never empty text. */
export const addressSchema = z.object({
  firstName: text,
  lastName: text,
  company: text,
  street1: text,
  street2: text,
  city: text,
  /** State, province or county. */
  region: text,
  postalCode: text,
  /** ISO 3166-1 alpha-2, upper case. */
  countryCode: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable(),
  phone: text,
  email: text,
})

/** Where something is sent or billed to. */
export type Address = z.output<typeof addressSchema>

import { z } from 'zod'
import type { Payer } from '../../families/payment/payer.ts'
import { createdSchema, rawOf } from './stripe-object.ts'

/** A customer: https://docs.stripe.com/api/customers/object */
export const customerSchema = z
  .looseObject({
    id: z.string().min(1),
    email: z.string().nullish(),
    name: z.string().nullish(),
    phone: z.string().nullish(),
    created: createdSchema,
  })
  .transform(
    (raw): Payer => ({
      externalId: raw.id,
      email: raw.email ?? null,
      name: raw.name ?? null,
      phone: raw.phone ?? null,
      createdAt: raw.created,
      raw: rawOf(raw),
    }),
  )

/** What is left of a customer that was deleted: https://docs.stripe.com/api/customers/delete */
export const deletedSchema = z.looseObject({ id: z.string(), deleted: z.literal(true) }).transform(() => null)

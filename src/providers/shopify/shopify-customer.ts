import { z } from 'zod'
import type { Customer } from '../../families/shop/index.ts'
import { withRaw } from '../../families/with-raw.ts'
import { instantSchema } from './instant.ts'
import { addressFields, addressSchema } from './shopify-address.ts'
import { idOf } from './shopify-id.ts'

/** https://shopify.dev/docs/api/admin-graphql/2026-01/objects/Customer */
export const customerFields = `id firstName lastName createdAt updatedAt defaultEmailAddress { emailAddress }
  defaultAddress { ${addressFields} }`

const properties = z.object({
  id: z.string(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  defaultEmailAddress: z.object({ emailAddress: z.string() }).nullish(),
  defaultAddress: addressSchema,
})

/** Reads a customer. Shopify knows one default address, for both. */
export const customerSchema = withRaw(properties, (customer, raw): Customer => {
  return {
    externalId: idOf(customer.id),
    email: customer.defaultEmailAddress?.emailAddress ?? null,
    firstName: customer.firstName || null,
    lastName: customer.lastName || null,
    billingAddress: customer.defaultAddress,
    shippingAddress: customer.defaultAddress,
    createdAt: customer.createdAt,
    updatedAt: customer.updatedAt,
    raw,
  }
})

import { z } from 'zod'
import type { Customer } from '../../families/shop/index.ts'
import { withRaw } from '../../families/with-raw.ts'
import { gmtInstant } from './gmt-instant.ts'
import { addressOfWooCommerce } from './woocommerce-address.ts'

const text = z.string().nullish()

/** Reads a customer, https://woocommerce.github.io/woocommerce-rest-api-docs/#customer-properties */
export const customerOfWooCommerce = withRaw(
  z.looseObject({
    id: z.int().positive(),
    email: text,
    first_name: text,
    last_name: text,
    billing: addressOfWooCommerce,
    shipping: addressOfWooCommerce,
    date_created_gmt: gmtInstant,
    date_modified_gmt: gmtInstant,
  }),
  (customer, raw): Customer => ({
    externalId: String(customer.id),
    email: customer.email || null,
    firstName: customer.first_name || null,
    lastName: customer.last_name || null,
    billingAddress: customer.billing,
    shippingAddress: customer.shipping,
    createdAt: customer.date_created_gmt,
    updatedAt: customer.date_modified_gmt ?? customer.date_created_gmt,
    raw,
  }),
)

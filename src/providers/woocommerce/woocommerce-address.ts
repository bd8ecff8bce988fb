import { z } from 'zod'
import type { Address } from '../../families/shop/index.ts'

const text = z
  .string()
  .nullish()
  .transform((value) => (value == null || value.trim() === '' ? null : value))

/** Billing and shipping properties, https://woocommerce.github.io/woocommerce-rest-api-docs/#order-billing-properties */
export const addressOfWooCommerce = z
  .looseObject({
    first_name: text,
    last_name: text,
    company: text,
    address_1: text,
    address_2: text,
    city: text,
    state: text,
    postcode: text,
    country: text,
    email: text,
    phone: text,
  })
  .nullish()
  .transform((raw): Address | null => {
    if (raw == null) return null
    const address: Address = {
      firstName: raw.first_name,
      lastName: raw.last_name,
      company: raw.company,
      street1: raw.address_1,
      street2: raw.address_2,
      city: raw.city,
      region: raw.state,
      postalCode: raw.postcode,
      countryCode: raw.country !== null && /^[A-Z]{2}$/.test(raw.country) ? raw.country : null,
      phone: raw.phone,
      email: raw.email,
    }
    return Object.values(address).every((value) => value === null) ? null : address
  })

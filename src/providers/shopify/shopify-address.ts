import { z } from 'zod'
import type { Address } from '../../families/shop/index.ts'

const text = z
  .string()
  .nullish()
  .transform((value) => value || null)

/** https://shopify.dev/docs/api/admin-graphql/2026-01/objects/MailingAddress */
export const addressFields = 'firstName lastName company address1 address2 city province zip countryCodeV2 phone'

/** Reads an address; `null` where there is none. An address has no e-mail of its own. */
export const addressSchema = z
  .object({
    firstName: text,
    lastName: text,
    company: text,
    address1: text,
    address2: text,
    city: text,
    province: text,
    zip: text,
    countryCodeV2: text,
    phone: text,
  })
  .nullish()
  .transform((address): Address | null =>
    address == null
      ? null
      : {
          firstName: address.firstName,
          lastName: address.lastName,
          company: address.company,
          street1: address.address1,
          street2: address.address2,
          city: address.city,
          region: address.province,
          postalCode: address.zip,
          // `ZZ` stands for an unknown country.
          countryCode: /^[A-Z]{2}$/.test(address.countryCodeV2 ?? '') ? address.countryCodeV2 : null,
          phone: address.phone,
          email: null,
        },
  )

import { z } from 'zod'
import { field } from '../../core/domain/field.ts'
import { decimalSchema, statusMapSettings } from '../../families/shop/index.ts'

const vatRate = z
  .union([decimalSchema, z.number().transform(String).pipe(decimalSchema)], {
    error: 'must be a decimal number, e.g. "0.19" for 19 %',
  })
  .refine((rate) => !rate.startsWith('-') && Number(rate) <= 1, 'must be a part of one, e.g. "0.19" for 19 %')

/** What a tenant says about its shop. */
export const woocommerceSettings = z.strictObject({
  prices_include_vat: field(z.boolean().optional(), {
    label: 'Prices include VAT',
    help: 'As in WooCommerce > Settings > Tax.',
  }),
  vat_rate: field(vatRate.optional(), { label: 'VAT rate', placeholder: '0.19' }),
  /** Products don't say it themselves. */
  currency: field(
    z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
      .optional(),
    { label: 'Currency of the products', help: 'Default: asked of the shop.', placeholder: 'EUR' },
  ),
  /** How the keys are sent. */
  authentication: field(z.enum(['basic', 'query']).default('basic'), {
    label: 'How the keys are sent',
    help: 'Choose "query" only where the server drops the Authorization header: addresses end up in its logs.',
  }),
  ...statusMapSettings,
})

/** What a tenant says about its shop, parsed. */
export type WooCommerceSettings = z.output<typeof woocommerceSettings>

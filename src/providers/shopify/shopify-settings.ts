import { z } from 'zod'
import { field } from '../../core/domain/field.ts'
import { statusMapSettings } from '../../families/shop/index.ts'
import { shopDomainSchema } from './shop-domain.ts'

/** What a tenant says about its shop. */
export const shopifySettings = z.strictObject({
  shop: field(shopDomainSchema, {
    label: 'Domain of the shop',
    help: 'The one that ends with .myshopify.com: Shopify > Settings > Domains.',
    placeholder: 'acme.myshopify.com',
    order: 1,
  }),
  prices_include_vat: field(z.boolean().optional(), {
    label: 'Prices include VAT',
    help: 'As in Shopify > Settings > Taxes and duties.',
  }),
  ...statusMapSettings,
})

/** What a tenant says about its shop, parsed. */
export type ShopifySettings = z.output<typeof shopifySettings>

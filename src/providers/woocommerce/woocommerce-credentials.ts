import { z } from 'zod'
import { field } from '../../core/domain/field.ts'

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication */
export const woocommerceCredentials = z.strictObject({
  consumer_key: field(z.string().regex(/^ck_[\x21-\x7e]+$/, 'must be a consumer key: it begins with ck_'), {
    label: 'Consumer key',
    help: 'WooCommerce > Settings > Advanced > REST API. Writing (statuses, stock, prices, webhooks) needs Read/Write.',
    placeholder: 'ck_…',
    secret: true,
  }),
  consumer_secret: field(z.string().regex(/^cs_[\x21-\x7e]+$/, 'must be a consumer secret: it begins with cs_'), {
    label: 'Consumer secret',
    placeholder: 'cs_…',
    secret: true,
  }),
  /** Where WordPress is, e.g. `https://myshop.com` or `https://example.com/shop`. The keys are worth nothing anywhere else. */
  store_url: field(
    z
      .url({ protocol: /^https?$/, error: 'must be the address of the shop, e.g. https://myshop.com' })
      .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'must not hold a user name or password'),
    { label: 'Address of the shop', placeholder: 'https://myshop.com', secret: false, order: 1 },
  ),
})

/** The root of the REST API of a shop, https://woocommerce.github.io/woocommerce-rest-api-docs/#introduction */
export function apiRoot(storeUrl: string): string {
  return `${storeUrl.replace(/[?#].*$/s, '').replace(/\/+$/, '')}/wp-json/wc/v3`
}

import { z } from 'zod'
import type { JsonObject } from '../../core/domain/json.ts'
import type { Product } from '../../families/shop/index.ts'
import { withRaw } from '../../families/with-raw.ts'
import { amount } from './amount.ts'
import { decodeEntities } from './decode-entities.ts'
import { gmtInstant } from './gmt-instant.ts'
import type { WooCommerceSettings } from './woocommerce-settings.ts'

const text = z.string().nullish()

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties */
export const productProperties = z.looseObject({
  id: z.int().positive(),
  name: z.string(),
  sku: text,
  description: text,
  price: amount.nullish(),
  status: text,
  catalog_visibility: text,
  manage_stock: z.union([z.boolean(), z.string()]).nullish(),
  stock_quantity: z.number().nullish(),
  stock_status: text,
  images: z.array(z.looseObject({ src: text })).nullish(),
  permalink: text,
  date_created_gmt: gmtInstant,
  date_modified_gmt: gmtInstant,
})

/** A product without what only the connection's settings tell: that is all that a webhook can say. */
export type PricelessProduct = Omit<Product, 'price' | 'priceIncludesVat' | 'vatRate'>

/** Reads a product, without its price. */
export const pricelessProductSchema = withRaw(productProperties, toPricelessProduct)

/** Reads a product. Those with variations have the lowest of their prices. */
export function productSchema(
  currency: string,
  { prices_include_vat, vat_rate }: Pick<WooCommerceSettings, 'prices_include_vat' | 'vat_rate'>,
) {
  return withRaw(
    productProperties,
    (product, raw): Product => ({
      ...toPricelessProduct(product, raw),
      price: product.price == null ? null : { amount: product.price, currency },
      priceIncludesVat: prices_include_vat ?? null,
      vatRate: vat_rate ?? null,
    }),
  )
}

function toPricelessProduct(product: z.output<typeof productProperties>, raw: JsonObject): PricelessProduct {
  return {
    externalId: String(product.id),
    sku: product.sku || null,
    name: decodeEntities(product.name),
    description: product.description || null,
    stockQuantity: product.manage_stock === true ? (product.stock_quantity ?? null) : null,
    // `onbackorder` can be ordered.
    isAvailable: product.stock_status !== 'outofstock',
    isPublished: product.status === 'publish' && product.catalog_visibility !== 'hidden',
    imageUrls: (product.images ?? []).flatMap(({ src }) => src || []),
    url: product.permalink || null,
    createdAt: product.date_created_gmt,
    updatedAt: product.date_modified_gmt ?? product.date_created_gmt,
    raw,
  }
}

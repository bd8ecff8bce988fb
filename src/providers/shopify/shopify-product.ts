import { z } from 'zod'
import { decimalSchema, type Product } from '../../families/shop/index.ts'
import { withRaw } from '../../families/with-raw.ts'
import { instantSchema } from './instant.ts'
import { idOf } from './shopify-id.ts'
import type { ShopifySettings } from './shopify-settings.ts'

/** https://shopify.dev/docs/api/admin-graphql/2026-01/objects/Product */
export const productFields = `id title descriptionHtml status publishedAt onlineStoreUrl createdAt updatedAt
  tracksInventory totalInventory
  priceRangeV2 { minVariantPrice { amount currencyCode } }
  variants(first: 2) { nodes { id sku availableForSale inventoryItem { id } } }
  media(first: 10) { nodes { preview { image { url } } } }`

const properties = z.object({
  id: z.string(),
  title: z.string(),
  descriptionHtml: z.string().nullish(),
  status: z.string(),
  publishedAt: instantSchema.nullish(),
  onlineStoreUrl: z.string().nullish(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  tracksInventory: z.boolean(),
  totalInventory: z.number(),
  priceRangeV2: z.object({ minVariantPrice: z.object({ amount: decimalSchema, currencyCode: z.string() }) }),
  variants: z.object({
    nodes: z.array(
      z.object({
        id: z.string(),
        sku: z.string().nullish(),
        availableForSale: z.boolean(),
        inventoryItem: z.object({ id: z.string() }),
      }),
    ),
  }),
  media: z.object({
    nodes: z.array(z.object({ preview: z.object({ image: z.object({ url: z.string() }).nullish() }).nullish() })),
  }),
})

/** A product, and the variants that are needed to change it; no more than two are read. */
export interface ReadProduct {
  readonly product: Product
  readonly variants: z.output<typeof properties>['variants']['nodes']
}

/** Reads a product. One with several variants has the lowest of their prices, and no SKU. */
export function productSchema({ prices_include_vat }: Pick<ShopifySettings, 'prices_include_vat'>) {
  return withRaw(properties, (product, raw): ReadProduct => {
    const variants = product.variants.nodes
    const { amount, currencyCode } = product.priceRangeV2.minVariantPrice
    return {
      variants,
      product: {
        externalId: idOf(product.id),
        sku: variants.length === 1 ? variants[0]?.sku || null : null,
        name: product.title,
        description: product.descriptionHtml || null,
        price: { amount, currency: currencyCode },
        priceIncludesVat: prices_include_vat ?? null,
        vatRate: null,
        stockQuantity: product.tracksInventory ? product.totalInventory : null,
        isAvailable: variants.some(({ availableForSale }) => availableForSale),
        isPublished: product.status === 'ACTIVE' && product.publishedAt != null,
        imageUrls: product.media.nodes.flatMap(({ preview }) => preview?.image?.url ?? []),
        url: product.onlineStoreUrl || null,
        createdAt: product.createdAt,
        updatedAt: product.updatedAt,
        raw,
      },
    }
  })
}

import { z } from 'zod'
import { decimalSchema, moneySchema } from '../money.ts'
import { rawSchema } from '../raw-json.ts'

/** Something a shop sells. */
export const productSchema = z.object({
  /** The shop's id. */
  externalId: z.string().min(1),
  sku: z.string().nullable(),
  name: z.string(),
  description: z.string().nullable(),
  /** `null` where the shop names none, e.g. for a product whose variants have prices of their own. */
  price: moneySchema.nullable(),
  /** Whether `price` holds the tax; `null` if the connection's settings don't say. */
  priceIncludesVat: z.boolean().nullable(),
  /** Part of one, e.g. `0.19`; `null` if the connection's settings don't say. */
  vatRate: decimalSchema.nullable(),
  /** `null` where stock isn't counted. */
  stockQuantity: z.number().nullable(),
  isAvailable: z.boolean(),
  /** Whether people see it. */
  isPublished: z.boolean(),
  imageUrls: z.array(z.string()),
  url: z.string().nullable(),
  createdAt: z.date().nullable(),
  updatedAt: z.date().nullable(),
  raw: rawSchema,
})

/** Something a shop sells. */
export type Product = z.output<typeof productSchema>

import { z } from 'zod'
import { moneySchema } from '../money.ts'
import { rawSchema } from '../raw-json.ts'
import { addressSchema } from './address.ts'
import { orderStatusSchema } from './order-status.ts'

/** One line of an order. */
export const orderItemSchema = z.object({
  /** The shop's id of the line. */
  externalId: z.string().min(1),
  /** The shop's id of the product; `null` once it is gone. */
  productExternalId: z.string().nullable(),
  /** Of the product's variant, if it has variants. */
  variantExternalId: z.string().nullable(),
  sku: z.string().nullable(),
  name: z.string(),
  quantity: z.number().positive(),
  /** For all of the line, after discounts, without tax. */
  total: moneySchema,
  /** For all of the line. */
  totalTax: moneySchema,
})

/** One line of an order. */
export type OrderItem = z.output<typeof orderItemSchema>

/** An order of a shop. */
export const orderSchema = z.object({
  /** The shop's id. */
  externalId: z.string().min(1),
  /** What people call it. */
  number: z.string(),
  /** What it means; `null` for a status that neither the provider nor the tenant's `status_map_inbound` explains. */
  status: orderStatusSchema.nullable(),
  /** The shop's own word for it. */
  providerStatus: z.string(),
  /** What the customer pays: items, shipping, fees and tax. */
  total: moneySchema,
  totalTax: moneySchema,
  /** Without tax. */
  shippingTotal: moneySchema,
  /** Without tax. */
  discountTotal: moneySchema,
  items: z.array(orderItemSchema),
  /** `null` for guests. */
  customerExternalId: z.string().nullable(),
  billingAddress: addressSchema.nullable(),
  shippingAddress: addressSchema.nullable(),
  /** What the customer wrote. */
  note: z.string().nullable(),
  paymentMethod: z.string().nullable(),
  paidAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
  raw: rawSchema,
})

/** An order of a shop. */
export type Order = z.output<typeof orderSchema>

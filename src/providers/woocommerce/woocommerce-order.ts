import { z } from 'zod'
import type { Order, StatusMapper } from '../../families/shop/index.ts'
import { withRaw } from '../../families/with-raw.ts'
import { amount } from './amount.ts'
import { decodeEntities } from './decode-entities.ts'
import { gmtInstant } from './gmt-instant.ts'
import { addressOfWooCommerce } from './woocommerce-address.ts'

const id = z.int().transform((value) => (value === 0 ? null : String(value)))
const text = z.string().nullish()

/** https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties */
const orderProperties = z.looseObject({
  id: z.int().positive(),
  number: z.union([z.string(), z.int()]),
  status: z.string(),
  currency: z.string(),
  date_created_gmt: gmtInstant,
  date_modified_gmt: gmtInstant,
  date_paid_gmt: gmtInstant,
  total: amount,
  total_tax: amount,
  shipping_total: amount,
  discount_total: amount,
  customer_id: id.optional(),
  customer_note: text,
  payment_method: text,
  billing: addressOfWooCommerce,
  shipping: addressOfWooCommerce,
  line_items: z.array(
    z.looseObject({
      id: z.int(),
      name: text,
      product_id: id.nullish(),
      variation_id: id.nullish(),
      // `price` is a JSON number, and so has been through floating point: it isn't read.
      quantity: z.number(),
      total: amount,
      total_tax: amount,
      sku: text,
    }),
  ),
})

/** Reads an order. */
export function orderSchema(statuses: StatusMapper) {
  return withRaw(orderProperties, (order, raw): Order => {
    const money = (value: string | null) => ({ amount: value ?? '0', currency: order.currency })
    // An order without instants is one that WordPress holds in a broken state: it must not stop all others.
    const createdAt = order.date_created_gmt ?? order.date_modified_gmt ?? new Date(0)
    return {
      externalId: String(order.id),
      number: String(order.number),
      status: statuses.toOrderStatus(order.status),
      providerStatus: order.status,
      total: money(order.total),
      totalTax: money(order.total_tax),
      shippingTotal: money(order.shipping_total),
      discountTotal: money(order.discount_total),
      items: order.line_items.map((line) => ({
        externalId: String(line.id),
        productExternalId: line.product_id ?? null,
        variantExternalId: line.variation_id ?? null,
        sku: line.sku || null,
        name: decodeEntities(line.name ?? ''),
        quantity: line.quantity,
        total: money(line.total),
        totalTax: money(line.total_tax),
      })),
      customerExternalId: order.customer_id ?? null,
      billingAddress: order.billing,
      shippingAddress: order.shipping,
      note: order.customer_note || null,
      paymentMethod: order.payment_method || null,
      paidAt: order.date_paid_gmt,
      createdAt,
      updatedAt: order.date_modified_gmt ?? createdAt,
      raw,
    }
  })
}

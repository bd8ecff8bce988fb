import { z } from 'zod'
import { decimalSchema, type Order, type OrderItem, type StatusMapper } from '../../families/shop/index.ts'
import { withRaw } from '../../families/with-raw.ts'
import { pageInfoSchema } from '../kit/index.ts'
import { instantSchema } from './instant.ts'
import { statusOf } from './order-statuses.ts'
import { addressFields, addressSchema } from './shopify-address.ts'
import { idOf } from './shopify-id.ts'

const moneyFields = 'shopMoney { amount currencyCode }'

/** https://shopify.dev/docs/api/admin-graphql/2026-01/objects/LineItem */
export const lineFields = `id name sku quantity product { id } variant { id }
  discountedTotalSet(withCodeDiscounts: true) { ${moneyFields} } taxLines { priceSet { ${moneyFields} } }`

/** https://shopify.dev/docs/api/admin-graphql/2026-01/objects/Order. What the order is now, after edits and refunds. */
export const orderFields = `id name note createdAt updatedAt processedAt cancelledAt closedAt
  displayFinancialStatus displayFulfillmentStatus paymentGatewayNames customer { id }
  currentTotalPriceSet { ${moneyFields} } currentTotalTaxSet { ${moneyFields} }
  totalShippingPriceSet { ${moneyFields} } currentTotalDiscountsSet { ${moneyFields} }
  billingAddress { ${addressFields} } shippingAddress { ${addressFields} }
  lineItems(first: 10) { nodes { ${lineFields} } pageInfo { hasNextPage endCursor } }`

const shopMoney = z.object({ amount: decimalSchema, currencyCode: z.string() })
const moneySet = z
  .object({ shopMoney })
  .transform(({ shopMoney: { amount, currencyCode } }) => ({ amount, currency: currencyCode }))

const reference = z
  .object({ id: z.string() })
  .nullish()
  .transform((object) => (object == null ? null : idOf(object.id)))

/** Reads a line of an order; `null` for one that was removed. */
export const lineSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    sku: z.string().nullish(),
    quantity: z.number(),
    product: reference,
    variant: reference,
    discountedTotalSet: moneySet,
    taxLines: z.array(z.object({ priceSet: moneySet })),
  })
  .transform((line): OrderItem | null =>
    line.quantity <= 0
      ? null
      : {
          externalId: idOf(line.id),
          productExternalId: line.product,
          variantExternalId: line.variant,
          sku: line.sku || null,
          name: line.name,
          quantity: line.quantity,
          total: line.discountedTotalSet,
          totalTax: {
            amount: sum(line.taxLines.map(({ priceSet }) => priceSet.amount)),
            currency: line.discountedTotalSet.currency,
          },
        },
  )

/** An order, and where its further lines are to be had. */
export interface ReadOrder {
  readonly gid: string
  readonly order: Order
  readonly lines: z.output<typeof pageInfoSchema>
}

const properties = z.object({
  id: z.string(),
  name: z.string(),
  note: z.string().nullish(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  processedAt: instantSchema.nullish(),
  cancelledAt: instantSchema.nullish(),
  closedAt: instantSchema.nullish(),
  displayFinancialStatus: z.string().nullable(),
  displayFulfillmentStatus: z.string(),
  paymentGatewayNames: z.array(z.string()),
  customer: reference,
  currentTotalPriceSet: moneySet,
  currentTotalTaxSet: moneySet,
  totalShippingPriceSet: moneySet,
  currentTotalDiscountsSet: moneySet,
  billingAddress: addressSchema,
  shippingAddress: addressSchema,
  lineItems: z.object({ nodes: z.array(lineSchema), pageInfo: pageInfoSchema }),
})

const paid: ReadonlySet<string | null> = new Set(['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'])

/** Reads an order. */
export function orderSchema(statuses: StatusMapper) {
  return withRaw(properties, (order, raw): ReadOrder => {
    const providerStatus = statusOf({ ...order, cancelledAt: order.cancelledAt, closedAt: order.closedAt })
    return {
      gid: order.id,
      lines: order.lineItems.pageInfo,
      order: {
        externalId: idOf(order.id),
        number: order.name,
        status: statuses.toOrderStatus(providerStatus),
        providerStatus,
        total: order.currentTotalPriceSet,
        totalTax: order.currentTotalTaxSet,
        shippingTotal: order.totalShippingPriceSet,
        discountTotal: order.currentTotalDiscountsSet,
        items: order.lineItems.nodes.filter((line) => line !== null),
        customerExternalId: order.customer,
        billingAddress: order.billingAddress,
        shippingAddress: order.shippingAddress,
        note: order.note || null,
        paymentMethod: order.paymentGatewayNames[0] ?? null,
        paidAt: paid.has(order.displayFinancialStatus) ? (order.processedAt ?? order.createdAt) : null,
        createdAt: order.createdAt,
        updatedAt: order.updatedAt,
        raw,
      },
    }
  })
}

/** Decimal texts added without floating point. */
function sum(amounts: readonly string[]): string {
  const digits = Math.max(0, ...amounts.map((amount) => amount.split('.')[1]?.length ?? 0))
  const total = amounts.reduce((all, amount) => {
    const [whole = '', fraction = ''] = amount.split('.')
    return all + BigInt(`${whole}${fraction.padEnd(digits, '0')}`)
  }, 0n)
  if (digits === 0) return String(total)
  const sign = total < 0n ? '-' : ''
  const text = String(total < 0n ? -total : total).padStart(digits + 1, '0')
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

import { createStatusMapper, type StatusMapOverrides, type StatusMapper } from '../../families/shop/index.ts'

/** What of an order says how it is doing. */
export interface OrderState {
  readonly cancelledAt: unknown
  readonly closedAt: unknown
  readonly displayFinancialStatus: string | null
  readonly displayFulfillmentStatus: string
}

/**
 * One word for an order. Shopify has no status of an order, but whether it was cancelled or archived, and two statuses, of the
 * money and of the goods, of which the one counts here that says more: `CANCELLED`, `REFUNDED`, `CLOSED`, what became of the
 * goods (`FULFILLED`, `ON_HOLD`, …), else of the money (`PAID`, `PENDING`, …).
 *
 * https://shopify.dev/docs/api/admin-graphql/2026-01/enums/OrderDisplayFulfillmentStatus and …/OrderDisplayFinancialStatus
 */
export function statusOf(order: OrderState): string {
  const { displayFinancialStatus: money, displayFulfillmentStatus: goods } = order
  if (order.cancelledAt != null) return 'CANCELLED'
  if (money === 'REFUNDED' || money === 'EXPIRED' || money === 'VOIDED') return money
  if (order.closedAt != null) return 'CLOSED'
  return goods === 'UNFULFILLED' || goods === 'OPEN' ? (money ?? 'PENDING') : goods
}

const inbound = {
  CANCELLED: 'cancelled',
  REFUNDED: 'refunded',
  EXPIRED: 'failed',
  VOIDED: 'cancelled',
  CLOSED: 'completed',
  FULFILLED: 'shipped',
  PARTIALLY_FULFILLED: 'shipped',
  IN_PROGRESS: 'processing',
  PENDING_FULFILLMENT: 'processing',
  REQUEST_DECLINED: 'on-hold',
  RESTOCKED: 'returned',
  ON_HOLD: 'on-hold',
  SCHEDULED: 'on-hold',
  PAID: 'processing',
  PARTIALLY_REFUNDED: 'processing',
  AUTHORIZED: 'processing',
  PARTIALLY_PAID: 'pending',
  PENDING: 'pending',
} as const

/** Translates statuses; the tenant's word comes first. `shipped`, `completed` (archived) and `processing` (open) can be set. */
export function orderStatuses(overrides: StatusMapOverrides = {}): StatusMapper {
  return createStatusMapper(
    {
      inbound,
      outbound: { shipped: 'FULFILLED', completed: 'CLOSED', processing: 'OPEN' },
      normalise: (status) => status.toUpperCase(),
    },
    overrides,
  )
}

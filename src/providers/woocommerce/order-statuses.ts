import type { OrderStatus, StatusMapOverrides, StatusMapper } from '../../families/shop/index.ts'
import { createStatusMapper } from '../../families/shop/index.ts'

// https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties: `status`. `trash` and `checkout-draft` (a cart
// that is being checked out) are no statuses of an order that was placed: they mean what the tenant says, else nothing.
const same = {
  pending: 'pending',
  'on-hold': 'on-hold',
  processing: 'processing',
  completed: 'completed',
  cancelled: 'cancelled',
  refunded: 'refunded',
  failed: 'failed',
} as const satisfies Partial<Record<OrderStatus, OrderStatus>>

/** Translates statuses; the tenant's word comes first. WordPress calls `completed` also `wc-completed`. */
export function orderStatuses(overrides: StatusMapOverrides = {}): StatusMapper {
  return createStatusMapper(
    { inbound: same, outbound: same, normalise: (status) => status.replace(/^wc-/, '') },
    overrides,
  )
}

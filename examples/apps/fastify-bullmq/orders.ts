import type { Order } from 'bapp-connectors/families/shop'
import { lt, sql } from 'drizzle-orm'
import type { Transaction } from './database.ts'
import { orders } from './tables.ts'

/** The connection that orders come from. */
interface Shop {
  readonly id: string
  readonly tenantId: string
}

/** Writes what a page or a delivery brings. What is older than what is there already changes nothing. */
export async function keepOrders(found: readonly Order[], shop: Shop, tx: Transaction): Promise<void> {
  if (found.length === 0) return
  const rows = found.map(({ externalId, number, providerStatus, total, updatedAt }) => ({
    id: `${shop.id}:${externalId}`,
    companyId: shop.tenantId,
    number,
    status: providerStatus,
    total: total.amount,
    currency: total.currency,
    changedAt: updatedAt,
  }))
  await tx
    .insert(orders)
    .values(rows)
    .onConflictDoUpdate({
      target: orders.id,
      set: {
        number: sql`excluded.number`,
        status: sql`excluded.status`,
        total: sql`excluded.total`,
        currency: sql`excluded.currency`,
        changedAt: sql`excluded.changed_at`,
      },
      setWhere: lt(orders.changedAt, sql`excluded.changed_at`),
    })
}

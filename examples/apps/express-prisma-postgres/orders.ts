import type { Order } from 'bapp-connectors/families/shop'
import type { Prisma } from './generated/client.ts'

/** The connection that orders come from. */
interface Shop {
  readonly id: string
  readonly tenantId: number
}

/** Writes what a page or a delivery brings. What is older than what is there already changes nothing. */
export async function keepOrders(orders: readonly Order[], shop: Shop, tx: Prisma.TransactionClient): Promise<void> {
  const rows = orders.map(({ externalId, number, providerStatus, total, updatedAt }) => ({
    id: `${shop.id}:${externalId}`,
    companyId: shop.tenantId,
    number,
    status: providerStatus,
    total: total.amount,
    currency: total.currency,
    changedAt: updatedAt,
  }))
  await tx.order.createMany({ data: rows, skipDuplicates: true })
  for (const { id, ...values } of rows) {
    await tx.order.updateMany({ where: { id, changedAt: { lt: values.changedAt } }, data: values })
  }
}

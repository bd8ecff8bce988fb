import { type HandledTypes, isHandledType } from '../../core/domain/handled-types.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { PrismaModels, WaitingWebhook, WebhookEventWhere } from './prisma-client-like.ts'

/** Alternatives in one condition: SQLite takes no expression that is nested deeper than 1,000. */
const mostAlternatives = 200

/** The columns of {@link WaitingWebhook}. */
export const waitingColumns = {
  id: true,
  tenantId: true,
  connectionId: true,
  eventType: true,
  orderKey: true,
  status: true,
  availableAt: true,
  createdAt: true,
} as const

/** Deliveries of handled types; by the database's own rules for texts, so that it may find more than `isHandledType` says. */
export function handledWhere<T extends TenantId>(handled: HandledTypes): WebhookEventWhere<T> {
  if (handled === 'all') return {}
  const groups = handled.groups.map((group) => ({ eventType: { startsWith: group } }))
  return { OR: [{ eventType: { in: [...handled.types] } }, ...groups] }
}

/** By order key, what deliveries with different ones have to wait for: one that is being processed, else the earliest. */
export async function holdersOf<T extends TenantId>(
  { webhookEvent }: Pick<PrismaModels<T>, 'webhookEvent'>,
  rows: readonly Pick<WaitingWebhook<T>, 'id' | 'orderKey' | 'status'>[],
  handled: HandledTypes,
): Promise<ReadonlyMap<string | null, WaitingWebhook<T>>> {
  const holders = new Map<string | null, WaitingWebhook<T>>()
  const asking = rows.filter(({ status }) => status !== 'processing')
  for (let start = 0; start < asking.length; start += mostAlternatives) {
    const chunk = asking.slice(start, start + mostAlternatives)
    const orderKey = { in: chunk.flatMap((row) => row.orderKey ?? []) }
    const earlier = { OR: chunk.map((row) => ({ orderKey: row.orderKey, id: { lt: row.id } })) }
    // Without `take`, by which Prisma would sort them: there are few, those that are tried again or were replayed.
    const find = (where: WebhookEventWhere<T>) => webhookEvent.findMany({ where, select: waitingColumns })
    const found = [
      ...(await find({ orderKey, status: 'processing' })),
      ...(await find({ ...earlier, status: 'failed' })),
      ...(await find({ AND: [earlier, handledWhere(handled)], status: { in: ['received', 'unhandled'] } })),
    ]
    for (const row of found) {
      const holder = holders.get(row.orderKey)
      const isHolding = row.status === 'processing' || row.status === 'failed' || isHandledType(handled, row.eventType)
      if (isHolding && (holder === undefined || isBefore(row, holder))) holders.set(row.orderKey, row)
    }
  }
  return holders
}

/** Whether it is the turn of one delivery before that of another with the same order key. */
export function isBefore<T extends TenantId>(row: WaitingWebhook<T>, other: WaitingWebhook<T>): boolean {
  if (row.status === 'processing' || other.status === 'processing') return row.status === 'processing'
  return row.id < other.id
}

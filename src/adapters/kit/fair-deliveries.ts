import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { DueWebhook } from '../../core/ports/webhook-event-repository.ts'
import { fairShare } from './fair-share.ts'
import { byWaiting, type Waiting } from './webhook-event-changes.ts'

/** A row of a delivery that is due. */
type Row<T extends TenantId> = Omit<DueWebhook<T>, 'status'> & Waiting & { readonly status: string }

/**
 * Deliveries as `due` answers them: of one tenant at most `perTenant` while others wait.
 *
 * @param fetch - the `count` that have waited longest (more do no harm), of all tenants but some.
 */
export async function fairDeliveries<T extends TenantId>({
  fetch,
  limit,
  perTenant,
}: {
  readonly fetch: (except: readonly T[], count: number) => Promise<readonly Row<T>[]>
  readonly limit: number
  readonly perTenant: number
}): Promise<readonly DueWebhook<T>[]> {
  const rows = await fairShare({
    fetch: async (except: readonly T[], count) =>
      (await fetch(except, count))
        .toSorted(byWaiting)
        .slice(0, count)
        .map((row) => ({ ...row, dueAt: row.availableAt ?? row.createdAt })),
    limit,
    perTenant,
  })
  return rows.map(({ tenantId, id, eventType, orderKey, status }) => ({
    tenantId,
    id,
    eventType,
    orderKey,
    // Nothing else is ever written to this column.
    status: status as WebhookStatus,
  }))
}

import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'
import type { DueWebhook } from '../../core/ports/webhook-event-repository.ts'

/** What `complete` writes. */
export function processedEvent({ at }: { readonly at: Date }) {
  return { status: 'processed', processedAt: at, availableAt: null, error: null, claimExpiresAt: null } as const
}

/** What `retryLater` writes. */
export function retriedEvent({ availableAt, error }: { readonly availableAt: Date; readonly error: string }) {
  return { status: 'failed', availableAt, error, claimExpiresAt: null } as const
}

/** What `deadLetter` writes. */
export function deadEvent({ error }: { readonly error: string }) {
  return { status: 'dead', availableAt: null, error, claimExpiresAt: null } as const
}

/** Of deliveries that are due, the longest-waiting ones, as `due` answers them. */
export function longestWaiting<T extends TenantId>(
  rows: readonly Pick<WebhookEvent<T>, 'id' | 'tenantId' | 'eventType' | 'availableAt' | 'createdAt'>[],
  limit: number,
): readonly DueWebhook<T>[] {
  const since = (row: (typeof rows)[number]) => (row.availableAt ?? row.createdAt).getTime()
  return rows
    .toSorted((a, b) => since(a) - since(b) || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
    .map(({ tenantId, id, eventType }) => ({ tenantId, id, eventType }))
}

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

type Waiting = Pick<WebhookEvent, 'id' | 'availableAt' | 'createdAt'>

/** Below 0 for the one that waits longer. */
export function byWaiting(a: Waiting, b: Waiting): number {
  const since = ({ availableAt, createdAt }: Waiting) => (availableAt ?? createdAt).getTime()
  return since(a) - since(b) || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** Of deliveries that are due, the longest-waiting ones, as `due` answers them. */
export function longestWaiting<T extends TenantId>(
  rows: readonly Pick<WebhookEvent<T>, 'id' | 'tenantId' | 'eventType' | 'orderKey' | 'availableAt' | 'createdAt'>[],
  limit: number,
): readonly DueWebhook<T>[] {
  return rows
    .toSorted(byWaiting)
    .slice(0, limit)
    .map(({ tenantId, id, eventType, orderKey }) => ({ tenantId, id, eventType, orderKey }))
}

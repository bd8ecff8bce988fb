import type { TenantId } from '../../core/domain/tenant.ts'
import type { WebhookEvent, WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { DueWebhook, WebhookFailure } from '../../core/ports/webhook-event-repository.ts'

/** What `complete` writes. */
export function processedEvent({ at }: { readonly at: Date }) {
  const ended = { availableAt: null, error: null, errorKind: null, claimExpiresAt: null }
  return { ...ended, status: 'processed', processedAt: at } as const
}

/** What `retryLater` writes. */
export function retriedEvent({
  availableAt,
  failureCount,
  error,
  errorKind,
}: WebhookFailure & { readonly availableAt: Date; readonly failureCount: number }) {
  return { status: 'failed', availableAt, failureCount, error, errorKind, claimExpiresAt: null } as const
}

/** What `deadLetter` and `abandon` write. */
export function deadEvent({ error, errorKind }: WebhookFailure) {
  return { status: 'dead', availableAt: null, error, errorKind, claimExpiresAt: null } as const
}

/** What `requeue` writes. */
export function requeuedEvent({ at }: { readonly at: Date }) {
  const begun = { availableAt: at, failureCount: 0, processedAt: null, claimExpiresAt: null }
  return { ...begun, status: 'received', error: null, errorKind: null } as const
}

/** What `purge` writes. */
export function purgedEvent({ at }: { readonly at: Date }) {
  return { rawBody: new Uint8Array(), payload: {}, headers: {}, purgedAt: at }
}

/** Which deliveries `requeue` begins anew with. */
export const requeueable: readonly WebhookStatus[] = ['dead', 'failed', 'unhandled', 'processed']

/** Which deliveries `abandon` gives up. */
export const abandonable: readonly WebhookStatus[] = ['received', 'failed', 'unhandled']

/** Which deliveries lose their bodies in time. */
export const purgeable: readonly WebhookStatus[] = ['processed', 'dead']

type Waiting = Pick<WebhookEvent, 'id' | 'availableAt' | 'createdAt'>

/** Below 0 for the one that waits longer. */
export function byWaiting(a: Waiting, b: Waiting): number {
  const since = ({ availableAt, createdAt }: Waiting) => (availableAt ?? createdAt).getTime()
  return since(a) - since(b) || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** Of deliveries that are due, the longest-waiting ones, as `due` answers them. */
export function longestWaiting<T extends TenantId>(
  rows: readonly (Omit<DueWebhook<T>, 'status'> & Waiting & { readonly status: string })[],
  limit: number,
): readonly DueWebhook<T>[] {
  return rows
    .toSorted(byWaiting)
    .slice(0, limit)
    .map(({ tenantId, id, eventType, orderKey, status }) => ({
      tenantId,
      id,
      eventType,
      orderKey,
      // Nothing else is ever written to this column.
      status: status as WebhookStatus,
    }))
}

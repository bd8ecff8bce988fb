import type { WebhookEvent, WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { WebhookFailure } from '../../core/ports/webhook-event-repository.ts'

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

/** What the order of deliveries that wait follows. */
export type Waiting = Pick<WebhookEvent, 'id' | 'availableAt' | 'createdAt'>

/** Below 0 for the one that waits longer. */
export function byWaiting(a: Waiting, b: Waiting): number {
  const since = ({ availableAt, createdAt }: Waiting) => (availableAt ?? createdAt).getTime()
  return since(a) - since(b) || (a.id < b.id ? -1 : Number(a.id > b.id))
}

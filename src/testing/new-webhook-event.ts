import type { TenantId } from '../core/domain/tenant.ts'
import type { WebhookEvent } from '../core/domain/webhook-event.ts'
import { instant } from './instant.ts'
import { newId } from './new-id.ts'

/** A delivery for tests: just received, due at once, with an idempotency key of its own. */
export function newWebhookEvent<T extends TenantId>(
  fields: Partial<WebhookEvent<T>> & { readonly tenantId: T; readonly connectionId: string },
): WebhookEvent<T> {
  const id = newId()
  return {
    id,
    provider: 'code.github',
    eventType: 'issues.opened',
    idempotencyKey: `key-${id}`,
    orderKey: null,
    rawBody: new TextEncoder().encode('{"number":1}'),
    payload: { number: 1 },
    headers: { 'content-type': 'application/json' },
    signatureValid: true,
    status: 'received',
    attempts: 0,
    failureCount: 0,
    deliveries: 1,
    availableAt: instant(0),
    claimExpiresAt: null,
    processedAt: null,
    error: null,
    errorKind: null,
    purgedAt: null,
    createdAt: instant(0),
    ...fields,
  }
}

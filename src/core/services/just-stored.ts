import { isInScope, type Scope, type TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { DueWebhook, WebhookEventRepository } from '../ports/webhook-event-repository.ts'

type Stores<T extends TenantId> = Pick<WebhookEventRepository<T>, 'insertIfAbsent' | 'keepRejected'>

/** Deliveries that nobody asks for are forgotten: the oldest when there are too many, all after a moment. */
const capacity = 1_000
const maxAgeMs = 1_000

/** What goes into a repository, and what this process has just put there: it needn't be read to begin with it. */
export interface JustStored<T extends TenantId> extends Stores<T> {
  /**
   * As much of a delivery as one needs to begin with it, once; `null` where it takes a read. It may have changed since, as it may
   * after a read: the claim is what decides.
   */
  readonly takeStored: (scope: Scope<T>, id: string) => DueWebhook<T> | null
}

/** A memory of what goes into a repository. */
export function createJustStored<T extends TenantId>(repository: Stores<T>, clock: Clock): JustStored<T> {
  const known = new Map<string, { readonly webhook: DueWebhook<T>; readonly storedAt: number }>()
  return {
    keepRejected: (...args) => repository.keepRejected(...args),
    insertIfAbsent: async (event) => {
      const storedAt = clock.now().getTime()
      const inserted = await repository.insertIfAbsent(event)
      if (inserted.isNew) {
        const { id, tenantId, eventType, orderKey, status } = inserted.event
        known.set(id, { webhook: { id, tenantId, eventType, orderKey, status }, storedAt })
        const oldest = known.keys().next().value
        if (known.size > capacity && oldest !== undefined) known.delete(oldest)
      }
      return inserted
    },
    takeStored: (scope, id) => {
      const found = known.get(id)
      if (found === undefined || !isInScope(scope, found.webhook.tenantId)) return null
      known.delete(id)
      const ageMs = clock.now().getTime() - found.storedAt
      return ageMs >= 0 && ageMs < maxAgeMs ? found.webhook : null
    },
  }
}

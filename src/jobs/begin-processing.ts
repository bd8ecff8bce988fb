import type { Connectors } from '../core/connectors.ts'
import type { JobQueue } from '../core/domain/job.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { makeJob } from './job-definitions.ts'

/** A delivery that was just stored. */
export interface StoredDelivery<T extends TenantId> {
  readonly tenantId: T
  readonly eventId: string
}

/**
 * Begins with a delivery: hands it to the workers of a shared queue, else processes it here. If it rejects nothing is lost: the
 * row is due, and a tick finds it.
 */
export function createBeginProcessing<T extends TenantId>(
  webhooks: Pick<Connectors<AnyProvider, T>['operator']['webhooks'], 'process'>,
  queue: JobQueue,
): (delivery: StoredDelivery<T>) => Promise<unknown> {
  return async ({ tenantId, eventId }) =>
    queue.isShared
      ? queue.enqueue(makeJob('webhook.process', { tenant: String(tenantId), eventId }))
      : webhooks.process(eventId)
}

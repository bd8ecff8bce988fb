import type { Connectors } from '../core/connectors.ts'
import type { JobQueue } from '../core/domain/job.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import type { ConnectorsHealth } from '../core/job-verbs.ts'

/** Probes come every few seconds: nobody counts a million rows for them. */
const most = 1_000

/** Asks everything at once; what doesn't answer is said so. */
export function createHealth<T extends TenantId>(
  { sync, webhooks, connections }: Connectors<AnyProvider, T>['operator'],
  queue: JobQueue,
): () => Promise<ConnectorsHealth> {
  const rows = async () => {
    const countOf = async (filter: { readonly isEnabled: boolean } | { readonly isConnected: boolean }) =>
      (await connections.list(filter).page({ limit: most })).items.length
    const due = await sync.due({ limit: most, perTenant: most })
    return {
      syncs: {
        dueCount: due.length,
        oldestDueAt: due[0]?.dueAt ?? null,
        abandonedCount: due.filter(({ isAbandoned }) => isAbandoned).length,
      },
      webhooks: { dueCount: (await webhooks.due({ limit: most, perTenant: most })).length },
      connections: {
        disabledCount: await countOf({ isEnabled: false }),
        disconnectedCount: await countOf({ isConnected: false }),
      },
    }
  }
  const unknown: Awaited<ReturnType<typeof rows>> = {
    syncs: { dueCount: 0, oldestDueAt: null, abandonedCount: 0 },
    webhooks: { dueCount: 0 },
    connections: { disabledCount: 0, disconnectedCount: 0 },
  }

  return async () => {
    const [found, waiting] = await Promise.allSettled([rows(), queue.waitingCount()])
    const isReachable = found.status === 'fulfilled'
    return {
      isReady: isReachable && waiting.status === 'fulfilled',
      database: { isReachable, message: isReachable ? null : messageOf(found.reason) },
      queue:
        waiting.status === 'fulfilled'
          ? { engine: queue.engine, isReachable: true, waitingCount: waiting.value, message: null }
          : { engine: queue.engine, isReachable: false, waitingCount: null, message: messageOf(waiting.reason) },
      ...(isReachable ? found.value : unknown),
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

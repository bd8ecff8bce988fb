import type { SyncResult } from 'bapp-connectors'
import type { DemoTenant } from './connect-tenants.ts'
import type { ApplicationConnectors } from './create-application.ts'

/** Syncs once: here, or as a job that a worker takes from the queue. */
export async function runSync(
  connectors: ApplicationConnectors,
  { tenantId, connectionId, isQueued }: { tenantId: DemoTenant; connectionId: string; isQueued: boolean },
): Promise<SyncResult> {
  if (!isQueued) return connectors.forTenant(tenantId).sync.run(connectionId, 'issues')
  const unsubscribes: (() => void)[] = []
  const ended = new Promise<SyncResult>((resolve) => {
    for (const name of ['sync.completed', 'sync.failed', 'sync.skipped'] as const) {
      unsubscribes.push(
        connectors.on(name, (event) => {
          if (event.connectionId === connectionId) resolve(event.result)
        }),
      )
    }
  })
  try {
    await connectors.enqueue('sync.incremental', { tenantId, connectionId, resource: 'issues' })
    return await ended
  } finally {
    for (const unsubscribe of unsubscribes) unsubscribe()
  }
}

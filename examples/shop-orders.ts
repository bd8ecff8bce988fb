import type { SyncResult } from 'bapp-connectors'
import type { startConnectors } from './sync-orders.ts'

/** How the sync of one shop ended. */
export interface ShopReport {
  readonly tenantId: string
  readonly shop: string
  readonly result: SyncResult
}

/**
 * Brings the orders of every tenant's shops up to date: what a cron calls. A shop that fails or is locked by another run holds
 * up none of the others; a run that is stopped goes on from there the next time.
 */
export async function syncAllShopOrders(
  connectors: ReturnType<typeof startConnectors>,
  { signal = AbortSignal.timeout(10 * 60_000) }: { readonly signal?: AbortSignal } = {},
): Promise<readonly ShopReport[]> {
  const reports: ShopReport[] = []
  const { connections, sync } = connectors.operator
  for await (const { id, tenantId, displayName } of connections.list({ family: 'shop', isConnected: true })) {
    const result = await sync.run(id, 'orders', { signal })
    reports.push({ tenantId: String(tenantId), shop: displayName, result })
    if (signal.aborted) break
  }
  return reports
}

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

/** Has the orders of a shop synced by themselves: every quarter of an hour, and all shops not at the same moment. */
export async function keepOrdersCurrent(
  connectors: ReturnType<typeof startConnectors>,
  tenantId: string,
  shopId: string,
) {
  const { sync } = connectors.forTenant(tenantId)
  await sync.schedule(shopId, 'orders', { everyMs: 15 * 60_000, jitterMs: 15 * 60_000 })
}

/** The same at night, by the shop's own clock. */
export async function keepOrdersCurrentAtNight(
  connectors: ReturnType<typeof startConnectors>,
  tenantId: string,
  shopId: string,
) {
  const { sync } = connectors.forTenant(tenantId)
  await sync.schedule(shopId, 'orders', { cron: '0 3 * * *', timeZone: 'Europe/Bucharest', jitterMs: 30 * 60_000 })
}

/** Runs what is due, for all tenants: call it every few seconds, in as many processes as you like. */
export async function runDueSyncs(connectors: ReturnType<typeof startConnectors>) {
  for (const { connectionId, resource, result, error } of await connectors.operator.sync.runDue({ limit: 100 })) {
    console.log(connectionId, resource, result?.status ?? error?.code)
  }
}

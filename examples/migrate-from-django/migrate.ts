import type { TenantId } from 'bapp-connectors'
import { type Migration, newTally } from './migration.ts'
import { moveConnections } from './move-connections.ts'
import { moveExecutionLogs } from './move-execution-logs.ts'
import { moveSyncStates } from './move-sync-states.ts'
import { moveWebhookEvents } from './move-webhook-events.ts'

/**
 * Moves the four tables of django-bapp-connectors, with nobody else at work on either side. It only reads Django's. It may be
 * run again: what was moved before is left as it is.
 */
export async function migrate<T extends TenantId, Tx>(migration: Migration<T, Tx>) {
  const tallies = {
    connections: newTally(),
    syncStates: newTally(),
    webhookEvents: newTally(),
    executionLogs: newTally(),
  }
  const connections = await moveConnections(migration, tallies.connections)
  await moveSyncStates(migration, connections, tallies.syncStates)
  await moveWebhookEvents(migration, connections, tallies.webhookEvents)
  await moveExecutionLogs(migration, connections, tallies.executionLogs)
  return tallies
}

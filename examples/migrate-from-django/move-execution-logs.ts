import { type ExecutionLog, isConnectorsError, type TenantId } from 'bapp-connectors'
import { executionLogRow, readTable } from './django-rows.ts'
import type { Migration, Moved, Tally } from './migration.ts'
import { withoutQueries } from './move-webhook-events.ts'
import { stableId } from './stable-id.ts'

/** Moves the audit trail, without payloads and query strings: tokens were stored in them. */
export async function moveExecutionLogs<T extends TenantId, Tx>(
  { query, repositories, now, appLabel = 'connectors' }: Migration<T, Tx>,
  connections: ReadonlyMap<string, Moved<T>>,
  tally: Tally,
): Promise<void> {
  const table = `${appLabel}_executionlog`
  for await (const rows of readTable(query, table, executionLogRow)) {
    const batch: ExecutionLog<T>[] = []
    for (const row of rows) {
      const connection = connections.get(row.connection_id)
      if (connection === undefined) {
        tally.problems.push({ id: row.id, problem: 'its connection was not moved' })
        continue
      }
      batch.push({
        id: stableId(table, row.id, row.created_at),
        tenantId: connection.tenantId,
        connectionId: connection.id,
        runId: null,
        actor: null,
        action: withoutQueries(row.action),
        method: row.method.toUpperCase(),
        url: withoutQueries(row.url),
        requestPayload: null,
        responseStatus: row.response_status ?? null,
        responsePayload: null,
        durationMs: row.duration_ms ?? 0,
        attempt: 1,
        error: row.error === null ? null : withoutQueries(row.error),
        createdAt: row.created_at ?? now,
      })
    }
    // All of a batch, or none: if some are there already, one by one.
    if (await isAppended(batch)) tally.moved += batch.length
    else {
      for (const log of batch) {
        if (await isAppended([log])) tally.moved += 1
        else tally.known += 1
      }
    }
  }

  async function isAppended(logs: readonly ExecutionLog<T>[]): Promise<boolean> {
    try {
      await repositories.executionLogs.appendMany(logs)
      return true
    } catch (error) {
      if (isConnectorsError(error, 'CONFLICT') || isConnectorsError(error, 'STORE_FAILED')) return false
      throw error
    }
  }
}

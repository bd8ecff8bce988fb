import type { Json, TenantId } from 'bapp-connectors'
import { readTable, syncStateRow } from './django-rows.ts'
import type { Migration, Moved, Tally } from './migration.ts'
import { stableId } from './stable-id.ts'

/** Moves cursors: the next run goes on from there. Failures and `next_sync_at` are forgotten: schedules are made anew. */
export async function moveSyncStates<T extends TenantId, Tx>(
  migration: Migration<T, Tx>,
  connections: ReadonlyMap<string, Moved<T>>,
  tally: Tally,
): Promise<void> {
  const { query, repositories, now, appLabel = 'connectors', toCursor = (cursor): Json => cursor } = migration
  const { syncStates } = repositories
  const table = `${appLabel}_syncstate`
  for await (const rows of readTable(query, table, syncStateRow)) {
    for (const row of rows) {
      const connection = connections.get(row.connection_id)
      const resource = row.resource_type
      if (connection === undefined || !Object.hasOwn(connection.provider.resources, resource.split(':')[0] ?? '')) {
        const problem = connection === undefined ? 'its connection was not moved' : `there is no resource ${resource}`
        tally.problems.push({ id: row.id, problem })
        continue
      }
      const { tenantId, provider } = connection
      const ref = { tenantId, connectionId: connection.id, resourceType: resource }
      const known = await syncStates.find({ scope: { kind: 'tenant', tenantId }, ...ref })
      if (known !== null && known.revision > 0) {
        tally.known += 1
        continue
      }
      // As if the run that Django made had been one of ours.
      const at = row.last_sync_at ?? row.created_at ?? now
      const id = stableId(table, row.id, row.created_at)
      const lease = { id, owner: 'migration', at, leaseMs: 1, clockSkewMs: 0, begin: 'resume' } as const
      const taken = await syncStates.acquire(ref, lease)
      if (taken === null) {
        tally.problems.push({ id: row.id, problem: 'a sync is running: stop the workers, and run the migration again' })
        continue
      }
      const { fence, revision } = taken
      const cursor = row.cursor === null ? null : toCursor(row.cursor, { provider, resource })
      const text = cursor === null ? null : JSON.stringify(cursor)
      const complete = row.status === 'completed'
      await syncStates.commit(ref, { fence, revision, at, cursor: text, trail: null, itemCount: 0, complete })
      if (!complete) await syncStates.release(ref, { fence, at, status: 'idle' })
      tally.moved += 1
    }
  }
}

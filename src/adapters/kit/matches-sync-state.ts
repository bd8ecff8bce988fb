import { type SyncState, statusAt } from '../../core/domain/sync-state.ts'
import type { SyncStateFilter } from '../../core/ports/sync-state-repository.ts'

/** Whether a filter lets a state through, as it is at an instant. */
export function matchesSyncState(row: SyncState, filter: SyncStateFilter, at: Date): boolean {
  const { connectionId, resourceType, status } = filter
  return (
    (connectionId === undefined || row.connectionId === connectionId) &&
    (resourceType === undefined || row.resourceType === resourceType) &&
    (status === undefined || statusAt(row, at) === status)
  )
}

import type { SyncState } from '../../core/domain/sync-state.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { SyncStateRef } from '../../core/ports/sync-state-repository.ts'

/** A state that has never run, held by nobody. */
export function newSyncState<T extends TenantId>(ref: SyncStateRef<T>, id: string, at: Date): SyncState<T> {
  return {
    id,
    tenantId: ref.tenantId,
    connectionId: ref.connectionId,
    resourceType: ref.resourceType,
    cursor: null,
    status: 'idle',
    lastSyncAt: null,
    nextSyncAt: null,
    schedule: null,
    dueAt: null,
    errorCount: 0,
    lastError: null,
    mode: 'incremental',
    generation: 0,
    generationStartedAt: null,
    fullRequestedAt: null,
    trail: null,
    itemsSynced: 0,
    revision: 0,
    leaseOwner: null,
    leaseExpiresAt: null,
    fence: 0,
    createdAt: at,
    updatedAt: at,
  }
}

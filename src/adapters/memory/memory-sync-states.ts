import type { SyncState } from '../../core/domain/sync-state.ts'
import { isInScope, type TenantId } from '../../core/domain/tenant.ts'
import type { SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { newSyncState } from '../kit/new-sync-state.ts'
import { leaseLost } from '../kit/refusals.ts'
import { copyRecord } from './copy-record.ts'
import { isLeaseFree } from './is-lease-free.ts'
import type { MemoryState, RunStep } from './memory-state.ts'
import { pageOf } from './page-of.ts'

/** Sync states in memory. A fence is current only while its holder has the lease: giving it back ends it. */
export function memorySyncStates<T extends TenantId>(run: RunStep<T>): SyncStateRepository<T> {
  return {
    find: ({ scope, connectionId, resourceType }) =>
      run((state) => {
        const row = state.syncStates.get(stateKey({ connectionId, resourceType }))
        return row === undefined || !isInScope(scope, row.tenantId) ? null : copyRecord(row)
      }),

    list: ({ scope, connectionId, ...request }) =>
      run((state) => {
        const rows = Array.from(state.syncStates.entries(), ([, row]) => row).filter(
          (row) => isInScope(scope, row.tenantId) && (connectionId === undefined || row.connectionId === connectionId),
        )
        return pageOf(rows, request, 'ascending')
      }),

    acquire: (ref, { id, owner, at, leaseMs, clockSkewMs, begin }) =>
      run((state) => {
        const stored = state.syncStates.get(stateKey(ref))
        const row = stored ?? newSyncState(ref, id, at)
        const isOurs = isInScope({ kind: 'tenant', tenantId: ref.tenantId }, row.tenantId)
        if (!isOurs || (row.leaseOwner !== null && !isLeaseFree(row.leaseExpiresAt, at, clockSkewMs))) return null
        const taken: SyncState<T> = {
          ...row,
          ...(begin === 'full' && {
            mode: 'full',
            cursor: null,
            generation: row.generation + 1,
            generationStartedAt: at,
          }),
          status: 'running',
          leaseOwner: owner,
          leaseExpiresAt: new Date(at.getTime() + leaseMs),
          fence: row.fence + 1,
          updatedAt: at,
        }
        return copyRecord(write(state, taken))
      }),

    renew: (ref, { fence, at, leaseMs }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row === null) throw leaseLost(ref)
        write(state, { ...row, leaseExpiresAt: new Date(at.getTime() + leaseMs), updatedAt: at })
      }),

    commit: (ref, { fence, revision, at, cursor, itemCount, complete }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row === null || row.revision !== revision) throw leaseLost(ref)
        const moved = {
          ...row,
          cursor,
          revision: row.revision + 1,
          itemsSynced: row.itemsSynced + itemCount,
          updatedAt: at,
        }
        write(
          state,
          complete
            ? {
                ...withoutLease(moved),
                status: 'completed',
                lastSyncAt: at,
                mode: 'incremental',
                errorCount: 0,
                lastError: null,
                nextSyncAt: null,
              }
            : moved,
        )
      }),

    fail: (ref, { fence, at, error, nextSyncAt }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row === null) throw leaseLost(ref)
        const errorCount = row.errorCount + 1
        write(state, {
          ...withoutLease(row),
          status: 'failed',
          errorCount,
          lastError: error,
          nextSyncAt,
          updatedAt: at,
        })
      }),

    release: (ref, { fence, at, status }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row !== null) write(state, { ...withoutLease(row), status, updatedAt: at })
      }),
  }
}

function held<T extends TenantId>(state: MemoryState<T>, ref: SyncStateRef<T>, fence: number): SyncState<T> | null {
  const row = state.syncStates.get(stateKey(ref))
  if (row === undefined || !isInScope({ kind: 'tenant', tenantId: ref.tenantId }, row.tenantId)) return null
  return row.leaseOwner !== null && row.fence === fence ? row : null
}

function withoutLease<T extends TenantId>(row: SyncState<T>): SyncState<T> {
  return { ...row, leaseOwner: null, leaseExpiresAt: null }
}

function write<T extends TenantId>(state: MemoryState<T>, row: SyncState<T>): SyncState<T> {
  const written = copyRecord(row)
  state.syncStates.set(stateKey(row), written)
  return written
}

function stateKey(row: { readonly connectionId: string; readonly resourceType: string }): string {
  return JSON.stringify([row.connectionId, row.resourceType])
}

import type { SyncState } from '../../core/domain/sync-state.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { fairShare } from '../kit/fair-share.ts'
import { matchesSyncState } from '../kit/matches-sync-state.ts'
import { newSyncState } from '../kit/new-sync-state.ts'
import { connectionMissing, leaseLost } from '../kit/refusals.ts'
import {
  committedPage,
  failedRun,
  interruptedRun,
  noLease,
  requestedRun,
  takenLease,
} from '../kit/sync-state-changes.ts'
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

    list: ({ scope, filter, at, ...request }) =>
      run((state) => {
        const rows = Array.from(state.syncStates.entries(), ([, row]) => row).filter(
          (row) => isInScope(scope, row.tenantId) && matchesSyncState(row, filter, at),
        )
        return pageOf(rows, request, 'ascending')
      }),

    acquire: (ref, lease) =>
      run((state) => {
        const { id, at, clockSkewMs, begin } = lease
        const row = state.syncStates.get(stateKey(ref)) ?? newStateOf(state, ref, id, at)
        const isOurs = isInScope({ kind: 'tenant', tenantId: ref.tenantId }, row.tenantId)
        if (!isOurs || (row.leaseOwner !== null && !isLeaseFree(row.leaseExpiresAt, at, clockSkewMs))) return null
        const taken: SyncState<T> = {
          ...row,
          ...takenLease(lease),
          generation: row.generation + (begin === 'full' ? 1 : 0),
          fence: row.fence + 1,
        }
        return copyRecord(write(state, taken))
      }),

    renew: (ref, { fence, at, leaseMs }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row === null) throw leaseLost(ref)
        write(state, { ...row, leaseExpiresAt: new Date(at.getTime() + leaseMs), updatedAt: at })
      }),

    commit: (ref, { fence, revision, itemCount, ...page }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row === null || row.revision !== revision) throw leaseLost(ref)
        const itemsSynced = row.itemsSynced + itemCount
        write(state, { ...row, ...committedPage(page), revision: row.revision + 1, itemsSynced })
      }),

    fail: (ref, { fence, ...failure }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row === null) throw leaseLost(ref)
        write(state, { ...row, ...failedRun(failure), errorCount: row.errorCount + 1 })
      }),

    schedule: (ref, { id, at, schedule, dueAt }) =>
      run((state) => {
        const row = state.syncStates.get(stateKey(ref)) ?? newStateOf(state, ref, id, at)
        if (!isInScope(tenantScope(ref.tenantId), row.tenantId)) throw connectionMissing(ref.connectionId)
        return copyRecord(write(state, { ...row, schedule, dueAt, updatedAt: at }))
      }),

    request: (ref, { id, ...request }) =>
      run((state) => {
        const row = state.syncStates.get(stateKey(ref)) ?? newStateOf(state, ref, id, request.at)
        if (!isInScope(tenantScope(ref.tenantId), row.tenantId)) throw connectionMissing(ref.connectionId)
        return copyRecord(write(state, { ...row, ...requestedRun(request) }))
      }),

    interrupt: (ref, change) =>
      run((state) => {
        const row = state.syncStates.get(stateKey(ref))
        if (row === undefined || !isInScope(tenantScope(ref.tenantId), row.tenantId)) return null
        if (!change.forget && row.leaseOwner === null) return null
        return copyRecord(write(state, { ...row, ...interruptedRun(change), fence: row.fence + 1 }))
      }),

    moveDue: (ref, { at, from, to }) =>
      run((state) => {
        const row = state.syncStates.get(stateKey(ref))
        if (row === undefined || !isInScope(tenantScope(ref.tenantId), row.tenantId)) return false
        if (row.dueAt?.getTime() !== from.getTime()) return false
        write(state, { ...row, dueAt: to, updatedAt: at })
        return true
      }),

    due: ({ at, clockSkewMs, limit, perTenant }) =>
      fairShare({
        fetch: (except: readonly T[], count) =>
          run((state) =>
            Array.from(state.syncStates.entries(), ([, row]) => row)
              .filter((row) => row.dueAt !== null && row.dueAt <= at && !except.includes(row.tenantId))
              .filter((row) => row.leaseOwner === null || isLeaseFree(row.leaseExpiresAt, at, clockSkewMs))
              .toSorted((a, b) => Number(a.dueAt) - Number(b.dueAt) || (a.id < b.id ? -1 : 1))
              .slice(0, count)
              .map(copyRecord),
          ),
        limit,
        perTenant,
      }),

    release: (ref, { fence, at, status }) =>
      run((state) => {
        const row = held(state, ref, fence)
        if (row !== null) write(state, { ...row, ...noLease, status, updatedAt: at })
      }),
  }
}

function held<T extends TenantId>(state: MemoryState<T>, ref: SyncStateRef<T>, fence: number): SyncState<T> | null {
  const row = state.syncStates.get(stateKey(ref))
  if (row === undefined || !isInScope({ kind: 'tenant', tenantId: ref.tenantId }, row.tenantId)) return null
  return row.leaseOwner !== null && row.fence === fence ? row : null
}

/** Only on a connection that the tenant has. */
function newStateOf<T extends TenantId>(
  state: MemoryState<T>,
  ref: SyncStateRef<T>,
  id: string,
  at: Date,
): SyncState<T> {
  const owner = state.connections.get(ref.connectionId)
  if (owner === undefined || owner.deletedAt !== null || !isInScope(tenantScope(ref.tenantId), owner.tenantId)) {
    throw connectionMissing(ref.connectionId)
  }
  return newSyncState(ref, id, at)
}

function write<T extends TenantId>(state: MemoryState<T>, row: SyncState<T>): SyncState<T> {
  const written = copyRecord(row)
  state.syncStates.set(stateKey(row), written)
  return written
}

function stateKey(row: { readonly connectionId: string; readonly resourceType: string }): string {
  return JSON.stringify([row.connectionId, row.resourceType])
}

import { type BreakerEvent, breaker } from '../../core/domain/breaker.ts'
import type { Connection } from '../../core/domain/connection.ts'
import { noProbeLease, type PauseEvent, pauses } from '../../core/domain/pause.ts'
import { isInScope, type TenantId, tenantText } from '../../core/domain/tenant.ts'
import type { ConnectionChange, ConnectionRef, ConnectionRepository } from '../../core/ports/connection-repository.ts'
import { erasedConnection, noRefreshLease, refreshLease, resealedColumns } from '../kit/connection-changes.ts'
import { matchesConnectionText } from '../kit/matches-connection-text.ts'
import { slotTaken } from '../kit/refusals.ts'
import { copyRecord } from './copy-record.ts'
import { isLeaseFree } from './is-lease-free.ts'
import type { MemoryState, RunStep } from './memory-state.ts'
import { pageOf } from './page-of.ts'

/** Connections in memory. Every write raises the version of the row. */
export function memoryConnections<T extends TenantId>(run: RunStep<T>): ConnectionRepository<T> {
  const decide = (ref: ConnectionRef<T>, at: Date, event: BreakerEvent): Promise<ConnectionChange<T>> =>
    run((state) => {
      const before = visible(state, ref)
      if (before === null) return null
      const decided = breaker(before, event)
      const after = decided === before ? before : write(state, decided, at)
      return { before: copyRecord(before), after: copyRecord(after) }
    })

  const decidePause = (ref: ConnectionRef<T>, at: Date, event: PauseEvent): Promise<Connection<T> | null> =>
    run((state) => {
      const before = visible(state, ref)
      if (before === null) return null
      const decided = pauses(before, event)
      return decided === before ? null : copyRecord(write(state, decided, at))
    })

  return {
    create: (connection) =>
      run((state) => {
        const slot = slotKey(connection)
        if (state.connectionSlots.get(slot) !== undefined || state.connections.get(connection.id) !== undefined) {
          throw slotTaken(connection)
        }
        state.connections.set(connection.id, copyRecord(connection))
        state.connectionSlots.set(slot, connection.id)
      }),

    find: ({ scope, id, includeDeleted = false }) =>
      run((state) => {
        const row = state.connections.get(id)
        if (row === undefined || !isInScope(scope, row.tenantId)) return null
        return row.deletedAt !== null && !includeDeleted ? null : copyRecord(row)
      }),

    list: ({ scope, filter, newestFirst = false, ...request }) =>
      run((state) => {
        const rows = Array.from(state.connections.entries(), ([, row]) => row).filter(
          (row) =>
            row.deletedAt === null &&
            isInScope(scope, row.tenantId) &&
            (filter.family === undefined || row.providerFamily === filter.family) &&
            (filter.provider === undefined || row.providerName === filter.provider) &&
            (filter.externalAccountId === undefined || row.externalAccountId === filter.externalAccountId) &&
            (filter.isEnabled === undefined || row.isEnabled === filter.isEnabled) &&
            (filter.isConnected === undefined || row.isConnected === filter.isConnected) &&
            (filter.text === undefined || matchesConnectionText(row, filter.text)),
        )
        return pageOf(rows, request, newestFirst ? 'descending' : 'ascending')
      }),

    update: (ref, { at, expectedVersion, patch }) =>
      run((state) => {
        const row = visible(state, ref)
        if (row === null || row.version !== expectedVersion) return null
        const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
        return copyRecord(write(state, { ...row, ...given }, at))
      }),

    replaceCredentials: (ref, { at, expectedCredentialsVersion, ...replacement }) =>
      run((state) => {
        const row = visible(state, ref)
        if (row === null || row.credentialsVersion !== expectedCredentialsVersion) return null
        const replaced = { ...breaker(row, { type: 'credentialsReplaced' }), ...replacement }
        return copyRecord(write(state, { ...replaced, ...noRefreshLease }, at))
      }),

    reseal: (ref, { at, clockSkewMs, columns }) =>
      run((state) => {
        const row = visible(state, ref)
        if (row === null || !isLeaseFree(row.refreshLeaseExpiresAt, at, clockSkewMs)) return null
        const { from, to } = resealedColumns(columns)
        const isAsItWas = Object.entries(from).every(([column, old]) => row[column as keyof typeof from] === old)
        return isAsItWas ? copyRecord(write(state, { ...row, ...to }, at)) : null
      }),

    acquireRefreshLease: (ref, lease) =>
      run((state) => {
        const row = visible(state, ref)
        if (row === null || row.credentialsVersion !== lease.expectedCredentialsVersion) return null
        if (!isLeaseFree(row.refreshLeaseExpiresAt, lease.at, lease.clockSkewMs)) return null
        return copyRecord(write(state, { ...row, ...refreshLease(lease) }, lease.at))
      }),

    dueForRefresh: ({ at, limit }) =>
      run((state) =>
        Array.from(state.connections.entries(), ([, row]) => row)
          .filter(
            ({ tokenRefreshAt, pausedUntil, refreshLeaseExpiresAt, ...row }) =>
              tokenRefreshAt !== null &&
              tokenRefreshAt <= at &&
              row.deletedAt === null &&
              row.isEnabled &&
              !row.needsReauthorization &&
              (pausedUntil === null || pausedUntil <= at) &&
              (refreshLeaseExpiresAt === null || refreshLeaseExpiresAt < at),
          )
          .toSorted((a, b) => Number(a.tokenRefreshAt) - Number(b.tokenRefreshAt) || (a.id < b.id ? -1 : 1))
          .slice(0, limit)
          .map(copyRecord),
      ),

    releaseRefreshLease: (ref, { owner, at }) =>
      run((state) => {
        const row = visible(state, ref)
        if (row?.refreshLeaseOwner === owner) write(state, { ...row, ...noRefreshLease }, at)
      }),

    recordAuthFailure: (ref, failure) => decide(ref, failure.at, { type: 'authenticationFailed', ...failure }),
    markConnected: (ref, success) => decide(ref, success.at, { type: 'succeeded', ...success }),
    enable: (ref, { at }) => decide(ref, at, { type: 'enabled' }),
    disable: (ref, { at, reason }) => decide(ref, at, { type: 'disabled', reason }),

    pause: (ref, pause) => decidePause(ref, pause.at, { type: 'paused', ...pause }),
    resume: (ref, { at, answer }) => decidePause(ref, at, { type: 'resumed', answer }),

    acquireProbe: (ref, { owner, at, leaseMs, clockSkewMs }) =>
      run((state) => {
        const row = visible(state, ref)
        if (row === null || row.pausedUntil === null || row.pausedUntil > at) return null
        if (!isLeaseFree(row.probeLeaseExpiresAt, at, clockSkewMs)) return null
        const lease = { probeLeaseOwner: owner, probeLeaseExpiresAt: new Date(at.getTime() + leaseMs) }
        return copyRecord(write(state, { ...row, ...lease }, at))
      }),

    releaseProbe: (ref, { owner, at }) =>
      run((state) => {
        const row = visible(state, ref)
        if (row?.probeLeaseOwner === owner) write(state, { ...row, ...noProbeLease }, at)
      }),

    delete: (ref, { at }) =>
      run((state) => {
        const row = visible(state, ref)
        if (row === null) return null
        state.connectionSlots.delete(slotKey(row))
        const erased = write(state, { ...row, ...erasedConnection, deletedAt: at, slot: row.id }, at)
        state.connectionSlots.set(slotKey(erased), erased.id)
        return copyRecord(row)
      }),
  }
}

function visible<T extends TenantId>(state: MemoryState<T>, ref: ConnectionRef<T>): Connection<T> | null {
  const row = state.connections.get(ref.id)
  if (row === undefined || row.deletedAt !== null) return null
  return isInScope({ kind: 'tenant', tenantId: ref.tenantId }, row.tenantId) ? row : null
}

function write<T extends TenantId>(state: MemoryState<T>, row: Connection<T>, at: Date): Connection<T> {
  const written = copyRecord({ ...row, version: row.version + 1, updatedAt: at })
  state.connections.set(written.id, written)
  return written
}

function slotKey(row: Connection): string {
  return JSON.stringify([tenantText(row.tenantId), row.providerFamily, row.providerName, row.slot])
}

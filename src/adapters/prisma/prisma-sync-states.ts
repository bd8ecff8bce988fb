import { ConnectorsError } from '../../core/domain/errors.ts'
import type { SyncMode, SyncState, SyncStatus } from '../../core/domain/sync-state.ts'
import { isInScope, type Scope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { SyncStateFilter, SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { fairShare } from '../kit/fair-share.ts'
import { hasOtherSpelling } from '../kit/has-other-spelling.ts'
import { matchesSyncState } from '../kit/matches-sync-state.ts'
import { matchingRows } from '../kit/matching-rows.ts'
import { newSyncState } from '../kit/new-sync-state.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { connectionMissing, leaseLost } from '../kit/refusals.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import {
  committedPage,
  failedRun,
  interruptedRun,
  noLease,
  requestedRun,
  takenLease,
} from '../kit/sync-state-changes.ts'
import { insertRow } from './insert-row.ts'
import type { RowData, SyncStateRow, SyncStateWhere } from './prisma-client-like.ts'
import type { PrismaSession } from './prisma-session.ts'
import { updateRow } from './update-row.ts'

/** Sync states in the database. A fence is current only while its holder has the lease: giving it back ends it. */
export function prismaSyncStates<T extends TenantId>(session: PrismaSession<T>): SyncStateRepository<T> {
  const key = ({ tenantId, connectionId, resourceType }: SyncStateRef<T>) => ({ tenantId, connectionId, resourceType })

  /** The state, however the database compares. */
  const findExact = (where: SyncStateWhere<T>, { scope, resourceType }: { scope: Scope<T>; resourceType: string }) =>
    session.run(async ({ syncState }) => {
      const row = await syncState.findFirst({ where })
      return row !== null && isInScope(scope, row.tenantId) && row.resourceType === resourceType ? row : null
    })

  /** Whether the key means the one row that it names: in a transaction of the user's there is no taking back of a write. */
  const isKeyExact = async (ref: SyncStateRef<T>): Promise<boolean> => {
    // State keys are text too.
    if (session.dialect.comparesExactly && !hasOtherSpelling(ref.tenantId)) return true
    const scope = tenantScope(ref.tenantId)
    return (await findExact(key(ref), { scope, resourceType: ref.resourceType })) !== null
  }

  /** One guarded statement of the lease holder; answers whether it still held the lease. */
  const writeHeld = async (
    ref: SyncStateRef<T>,
    guard: { readonly fence: number; readonly revision?: number },
    data: RowData<SyncState<T>>,
  ): Promise<boolean> => {
    if (!(await isKeyExact(ref))) return false
    return session.run(async ({ syncState }) => {
      const held = { ...key(ref), ...guard, leaseExpiresAt: { not: null } } satisfies SyncStateWhere<T>
      const { count } = await syncState.updateMany({ where: held, data })
      return count === 1
    })
  }

  const writeHeldOrThrow = async (...args: Parameters<typeof writeHeld>): Promise<void> => {
    if (!(await writeHeld(...args))) throw leaseLost(args[0])
  }

  const writeRow = async (ref: SyncStateRef<T>, data: Partial<SyncState<T>>): Promise<SyncState<T> | null> => {
    if (!(await isKeyExact(ref))) return null
    const row = await session.write(({ syncState }) =>
      updateRow(session.dialect, syncState, { key: key(ref), guard: {}, data }),
    )
    return row === null ? null : toSyncState(row)
  }

  /** Writes a part of the row, creating it if there is none. */
  const writeOrCreate = async (
    ref: SyncStateRef<T>,
    { id, at }: { readonly id: string; readonly at: Date },
    change: Partial<SyncState<T>>,
  ): Promise<SyncState<T>> => {
    const written = await writeRow(ref, change)
    if (written !== null) return written
    const state = { ...newSyncState(ref, id, at), ...change }
    if (await createUnlessThere(session, state)) return state
    // Somebody else has just created it.
    const found = await writeRow(ref, change)
    if (found === null) throw connectionMissing(ref.connectionId)
    return found
  }

  return {
    find: async ({ scope, connectionId, resourceType }) => {
      const row = await findExact({ ...scopeWhere(scope), connectionId, resourceType }, { scope, resourceType })
      return row === null ? null : toSyncState(row)
    },

    list: ({ scope, filter, at, after = null, limit }) =>
      session.run(async ({ syncState }) => {
        const count = limit + 1
        const rows = await matchingRows<SyncStateRow<T>>(
          (last) => {
            const position = last?.id ?? after
            return syncState.findMany({
              where: {
                ...scopeWhere(scope),
                ...filterWhere<T>(filter, at),
                ...(position !== null && { id: { gt: position } }),
              },
              orderBy: [{ id: 'asc' }],
              take: count,
            })
          },
          // A collation may take the key `orders:A` for `orders:a`.
          (row) => matchesSyncState(toSyncState(row), filter, at),
          count,
        )
        return pageOfRows(rows, { scope, limit }, toSyncState)
      }),

    acquire: async (ref, lease) => {
      const { id, at, clockSkewMs, begin } = lease
      const expired = new Date(at.getTime() - clockSkewMs)
      const taken =
        (await isKeyExact(ref)) &&
        (await session.write(({ syncState }) =>
          updateRow(session.dialect, syncState, {
            key: key(ref),
            guard: { OR: [{ leaseOwner: null }, { leaseExpiresAt: { lt: expired } }] },
            data: {
              ...takenLease(lease),
              ...(begin === 'full' && { generation: { increment: 1 } }),
              fence: { increment: 1 },
            },
          }),
        ))
      if (taken) return toSyncState(taken)

      const state: SyncState<T> = {
        ...newSyncState(ref, id, at),
        ...takenLease(lease),
        ...(begin === 'full' && { generation: 1 }),
        fence: 1,
      }
      const isCreated = await createUnlessThere(session, state)
      return isCreated ? state : null
    },

    renew: (ref, { fence, at, leaseMs }) =>
      writeHeldOrThrow(ref, { fence }, { leaseExpiresAt: new Date(at.getTime() + leaseMs), updatedAt: at }),

    commit: (ref, { fence, revision, itemCount, ...page }) =>
      writeHeldOrThrow(
        ref,
        { fence, revision },
        { ...committedPage(page), revision: { increment: 1 }, itemsSynced: { increment: itemCount } },
      ),

    fail: (ref, { fence, ...failure }) =>
      writeHeldOrThrow(ref, { fence }, { ...failedRun(failure), errorCount: { increment: 1 } }),

    schedule: (ref, { id, at, schedule, dueAt }) => writeOrCreate(ref, { id, at }, { schedule, dueAt, updatedAt: at }),

    request: (ref, { id, ...request }) => writeOrCreate(ref, { id, at: request.at }, requestedRun(request)),

    interrupt: async (ref, change) => {
      if (!(await isKeyExact(ref))) return null
      const row = await session.write(({ syncState }) =>
        updateRow(session.dialect, syncState, {
          key: key(ref),
          guard: change.forget ? {} : { leaseOwner: { not: null } },
          data: { ...interruptedRun(change), fence: { increment: 1 } },
        }),
      )
      return row === null ? null : toSyncState(row)
    },

    moveDue: async (ref, { at, from, to }) => {
      if (!(await isKeyExact(ref))) return false
      return session.run(async ({ syncState }) => {
        const where = { ...key(ref), dueAt: from } satisfies SyncStateWhere<T>
        const { count } = await syncState.updateMany({ where, data: { dueAt: to, updatedAt: at } })
        return count === 1
      })
    },

    due: ({ at, clockSkewMs, limit, perTenant }) =>
      fairShare({
        fetch: (except: readonly T[], count) =>
          session.run(async ({ syncState }) => {
            const expired = new Date(at.getTime() - clockSkewMs)
            const rows = await syncState.findMany({
              where: {
                dueAt: { lte: at },
                OR: [{ leaseOwner: null }, { leaseExpiresAt: { lt: expired } }],
                ...(except.length > 0 && { tenantId: { notIn: [...except] } }),
              },
              orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
              take: count,
            })
            return rows.map(toSyncState)
          }),
        limit,
        perTenant,
      }),

    release: async (ref, { fence, at, status }) => {
      await writeHeld(ref, { fence }, { status, updatedAt: at, ...noLease })
    },
  }
}

/** Finds all that the filter lets through. */
function filterWhere<T extends TenantId>(
  { connectionId, resourceType, status }: SyncStateFilter,
  at: Date,
): SyncStateWhere<T> {
  const names = {
    ...(connectionId !== undefined && { connectionId }),
    ...(resourceType !== undefined && { resourceType }),
  }
  switch (status) {
    case undefined:
      return names
    case 'running':
      return { ...names, status, leaseOwner: { not: null }, leaseExpiresAt: { gt: at } }
    case 'idle': {
      const isLeft = {
        status: 'running',
        OR: [{ leaseOwner: null }, { leaseExpiresAt: null }, { leaseExpiresAt: { lte: at } }],
      }
      return { ...names, OR: [{ status }, isLeft] }
    }
    default:
      return { ...names, status }
  }
}

/** Of concurrent calls for one key the database lets one through. */
async function createUnlessThere<T extends TenantId>(session: PrismaSession<T>, state: SyncState<T>): Promise<boolean> {
  const { tenantId, connectionId, resourceType } = state
  const isFree = await session.run(async (models) => {
    // By key alone: a row of another tenant is in the way too.
    const row = await models.syncState.findFirst({ where: { connectionId, resourceType } })
    if (row !== null && row.resourceType !== resourceType) throw sameKey(row.resourceType, resourceType)
    if (row !== null) return false
    // The foreign key would let a tenant begin a state on another tenant's connection.
    const owner = await models.connection.findFirst({ where: { id: connectionId, tenantId, deletedAt: null } })
    if (owner === null || !isInScope(tenantScope(tenantId), owner.tenantId)) throw connectionMissing(connectionId)
    return true
  })
  return isFree && insertRow(session, (models) => models.syncState, state)
}

/** It would be skipped as locked for ever. */
function sameKey(existing: string, wanted: string): ConnectorsError<'INVALID_INPUT'> {
  return new ConnectorsError(
    'INVALID_INPUT',
    `This database takes the sync state ${JSON.stringify(wanted)} for ${JSON.stringify(existing)}, which exists. Choose another name.`,
  )
}

function toSyncState<T extends TenantId>(row: SyncStateRow<T>): SyncState<T> {
  const itemsSynced = Number(row.itemsSynced)
  return { ...row, itemsSynced, status: row.status as SyncStatus, mode: row.mode as SyncMode } // nothing else is ever written
}

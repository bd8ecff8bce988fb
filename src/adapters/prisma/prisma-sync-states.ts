import { isConnectorsError } from '../../core/domain/errors.ts'
import type { SyncMode, SyncState, SyncStatus } from '../../core/domain/sync-state.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { newSyncState } from '../kit/new-sync-state.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { connectionMissing, leaseLost } from '../kit/refusals.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import { storableText } from '../kit/storable-text.ts'
import type { RowData, SyncStateRow, SyncStateWhere } from './prisma-client-like.ts'
import type { PrismaSession } from './prisma-session.ts'

/** Sync states in the database. A fence is current only while its holder has the lease: giving it back ends it. */
export function prismaSyncStates<T extends TenantId>(session: PrismaSession<T>): SyncStateRepository<T> {
  const key = ({ tenantId, connectionId, resourceType }: SyncStateRef<T>) => ({ tenantId, connectionId, resourceType })

  /** One guarded statement of the lease holder; answers whether it still held the lease. */
  const writeHeld = (
    ref: SyncStateRef<T>,
    guard: { readonly fence: number; readonly revision?: number },
    data: RowData<SyncState<T>>,
  ): Promise<boolean> =>
    session.run(async ({ syncState }) => {
      const held = { ...key(ref), ...guard, leaseExpiresAt: { not: null } } satisfies SyncStateWhere<T>
      const { count } = await syncState.updateMany({ where: held, data: storableText(data) })
      return count === 1
    })

  const writeHeldOrThrow = async (...args: Parameters<typeof writeHeld>): Promise<void> => {
    if (!(await writeHeld(...args))) throw leaseLost(args[0])
  }

  return {
    find: ({ scope, connectionId, resourceType }) =>
      session.run(async ({ syncState }) => {
        const row = await syncState.findFirst({ where: { ...scopeWhere(scope), connectionId, resourceType } })
        return row !== null && isInScope(scope, row.tenantId) ? toSyncState(row) : null
      }),

    list: ({ scope, connectionId, after = null, limit }) =>
      session.run(async ({ syncState }) => {
        const rows = await syncState.findMany({
          where: {
            ...scopeWhere(scope),
            ...(connectionId !== undefined && { connectionId }),
            ...(after !== null && { id: { gt: after } }),
          },
          orderBy: [{ id: 'asc' }],
          take: limit + 1,
        })
        return pageOfRows(rows, { scope, limit }, toSyncState)
      }),

    acquire: async (ref, { id, owner, at, leaseMs, clockSkewMs, begin }) => {
      const lease = { status: 'running', leaseOwner: owner, leaseExpiresAt: new Date(at.getTime() + leaseMs) } as const
      const full = { mode: 'full', cursor: null, generationStartedAt: at } as const
      const expired = new Date(at.getTime() - clockSkewMs)

      const taken = await session.run(async ({ syncState }) => {
        const [row] = await syncState.updateManyAndReturn({
          where: { ...key(ref), OR: [{ leaseOwner: null }, { leaseExpiresAt: { lt: expired } }] },
          data: {
            ...lease,
            ...(begin === 'full' && { ...full, generation: { increment: 1 } }),
            fence: { increment: 1 },
            updatedAt: at,
          },
        })
        return row
      })
      if (taken !== undefined) return isInScope(tenantScope(ref.tenantId), taken.tenantId) ? toSyncState(taken) : null

      const state: SyncState<T> = {
        ...newSyncState(ref, id, at),
        ...lease,
        ...(begin === 'full' && { ...full, generation: 1 }),
        fence: 1,
      }
      const isCreated = await createUnlessThere(session, state)
      return isCreated ? state : null
    },

    renew: (ref, { fence, at, leaseMs }) =>
      writeHeldOrThrow(ref, { fence }, { leaseExpiresAt: new Date(at.getTime() + leaseMs), updatedAt: at }),

    commit: (ref, { fence, revision, at, cursor, itemCount, complete }) =>
      writeHeldOrThrow(
        ref,
        { fence, revision },
        {
          cursor,
          revision: { increment: 1 },
          itemsSynced: { increment: itemCount },
          updatedAt: at,
          ...(complete && {
            status: 'completed',
            lastSyncAt: at,
            mode: 'incremental',
            errorCount: 0,
            lastError: null,
            nextSyncAt: null,
            ...noLease,
          }),
        },
      ),

    fail: (ref, { fence, at, error, nextSyncAt }) =>
      writeHeldOrThrow(
        ref,
        { fence },
        { status: 'failed', errorCount: { increment: 1 }, lastError: error, nextSyncAt, updatedAt: at, ...noLease },
      ),

    release: async (ref, { fence, at, status }) => {
      await writeHeld(ref, { fence }, { status, updatedAt: at, ...noLease })
    },
  }
}

const noLease = { leaseOwner: null, leaseExpiresAt: null } as const

/** Of concurrent calls for one key the database lets one through. */
async function createUnlessThere<T extends TenantId>(session: PrismaSession<T>, state: SyncState<T>): Promise<boolean> {
  const { tenantId, connectionId, resourceType } = state
  try {
    return await session.run(async (models) => {
      // By key alone: a row of another tenant is in the way too.
      if ((await models.syncState.findFirst({ where: { connectionId, resourceType } })) !== null) return false
      // The foreign key would let a tenant begin a state on another tenant's connection.
      const owner = await models.connection.findFirst({ where: { id: connectionId, tenantId, deletedAt: null } })
      if (owner === null || !isInScope(tenantScope(tenantId), owner.tenantId)) throw connectionMissing(connectionId)
      await models.syncState.create({ data: storableText(state) })
      return true
    })
  } catch (error) {
    if (isConnectorsError(error, 'CONFLICT')) return false
    throw error
  }
}

function toSyncState<T extends TenantId>(row: SyncStateRow<T>): SyncState<T> {
  return { ...row, status: row.status as SyncStatus, mode: row.mode as SyncMode } // nothing else is ever written
}

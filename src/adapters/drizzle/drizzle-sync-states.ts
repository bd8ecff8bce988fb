import { and, asc, gt, isNotNull, isNull, lt, lte, notInArray, or, type SQL } from 'drizzle-orm'
import type { SyncState, SyncStatus } from '../../core/domain/sync-state.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { SyncStateRef, SyncStateRepository } from '../../core/ports/sync-state-repository.ts'
import { fairShare } from '../kit/fair-share.ts'
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
import type { RowData } from './drizzle-like.ts'
import type { DrizzleSession } from './drizzle-session.ts'
import { equalTo } from './equal-to.ts'
import { raised } from './raised.ts'

/** Sync states in the database. A fence is current only while its holder has the lease: giving it back ends it. */
export function drizzleSyncStates<T extends TenantId>(session: DrizzleSession<T>): SyncStateRepository<T> {
  const { syncState: table, connection } = session.tables
  const key = ({ tenantId, connectionId, resourceType }: SyncStateRef<T>) => ({ tenantId, connectionId, resourceType })

  /** One guarded statement of the lease holder; answers whether it still held the lease. */
  const writeHeld = (
    ref: SyncStateRef<T>,
    guard: { readonly fence: number; readonly revision?: number },
    data: RowData<SyncState<T>>,
  ): Promise<boolean> =>
    session.run(async (db) => {
      const rows = await db
        .update(table)
        .set(data)
        .where(and(equalTo(table, { ...key(ref), ...guard }), isNotNull(table.leaseExpiresAt)))
        .returning()
      return rows.length === 1
    })

  const writeHeldOrThrow = async (...args: Parameters<typeof writeHeld>): Promise<void> => {
    if (!(await writeHeld(...args))) throw leaseLost(args[0])
  }

  /** Of concurrent calls for one key the database lets one through; the others are answered `null`, as is who comes second. */
  const createUnlessThere = (state: SyncState<T>): Promise<SyncState<T> | null> =>
    session.run(async (db) => {
      const { tenantId, connectionId, resourceType } = state
      // By key alone: a row of another tenant is in the way too.
      const [inTheWay] = await db.select().from(table).where(equalTo(table, { connectionId, resourceType }))
      if (inTheWay !== undefined) return null
      // The foreign key would let a tenant begin a state on another tenant's connection.
      const [owned] = await db
        .select()
        .from(connection)
        .where(equalTo(connection, { id: connectionId, tenantId, deletedAt: null }))
      if (owned === undefined || !isInScope(tenantScope(tenantId), owned.tenantId)) {
        throw connectionMissing(connectionId)
      }
      const [created] = await db.insert(table).values(state).onConflictDoNothing().returning()
      return created ?? null
    })

  const writeRow = (ref: SyncStateRef<T>, data: Partial<SyncState<T>>): Promise<SyncState<T> | null> =>
    session.run(async (db) => {
      const [row] = await db
        .update(table)
        .set(data)
        .where(equalTo(table, key(ref)))
        .returning()
      return row !== undefined && isInScope(tenantScope(ref.tenantId), row.tenantId) ? row : null
    })

  /** Writes a part of the row, creating it if there is none. */
  const writeOrCreate = async (
    ref: SyncStateRef<T>,
    { id, at }: { readonly id: string; readonly at: Date },
    change: Partial<SyncState<T>>,
  ): Promise<SyncState<T>> => {
    const row =
      (await writeRow(ref, change)) ??
      (await createUnlessThere({ ...newSyncState(ref, id, at), ...change })) ??
      // Somebody else has just created it.
      (await writeRow(ref, change))
    if (row === null) throw connectionMissing(ref.connectionId)
    return row
  }

  /** As users see it: who runs has a lease that lives. */
  const hasStatus = (status: SyncStatus, at: Date): SQL | undefined => {
    const isHeld = and(isNotNull(table.leaseOwner), gt(table.leaseExpiresAt, at))
    const isLeft = or(isNull(table.leaseOwner), isNull(table.leaseExpiresAt), lte(table.leaseExpiresAt, at))
    const is = (stored: SyncStatus) => equalTo(table, { status: stored })
    if (status === 'running') return and(is('running'), isHeld)
    return status === 'idle' ? or(is('idle'), and(is('running'), isLeft)) : is(status)
  }

  return {
    find: ({ scope, connectionId, resourceType }) =>
      session.run(async (db) => {
        const where = equalTo(table, { ...scopeWhere(scope), connectionId, resourceType })
        const [row] = await db.select().from(table).where(where)
        return row !== undefined && isInScope(scope, row.tenantId) ? row : null
      }),

    list: ({ scope, filter: { status, ...names }, at, after = null, limit }) =>
      session.run(async (db) => {
        const rows = await db
          .select()
          .from(table)
          .where(
            and(
              equalTo(table, { ...scopeWhere(scope), ...names }),
              status === undefined ? undefined : hasStatus(status, at),
              after === null ? undefined : gt(table.id, after),
            ),
          )
          .orderBy(asc(table.id))
          .limit(limit + 1)
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),

    acquire: async (ref, lease) => {
      const { id, at, clockSkewMs, begin } = lease
      const expired = new Date(at.getTime() - clockSkewMs)
      const taken = await session.run(async (db) => {
        const [row] = await db
          .update(table)
          .set({
            ...takenLease(lease),
            ...(begin === 'full' && { generation: raised(table.generation) }),
            fence: raised(table.fence),
          })
          .where(and(equalTo(table, key(ref)), or(isNull(table.leaseOwner), lt(table.leaseExpiresAt, expired))))
          .returning()
        return row
      })
      if (taken !== undefined) return isInScope(tenantScope(ref.tenantId), taken.tenantId) ? taken : null
      return createUnlessThere({
        ...newSyncState(ref, id, at),
        ...takenLease(lease),
        ...(begin === 'full' && { generation: 1 }),
        fence: 1,
      })
    },

    renew: (ref, { fence, at, leaseMs }) =>
      writeHeldOrThrow(ref, { fence }, { leaseExpiresAt: new Date(at.getTime() + leaseMs), updatedAt: at }),

    commit: (ref, { fence, revision, itemCount, ...page }) =>
      writeHeldOrThrow(
        ref,
        { fence, revision },
        {
          ...committedPage(page),
          revision: raised(table.revision),
          itemsSynced: raised(table.itemsSynced, itemCount),
        },
      ),

    fail: (ref, { fence, ...failure }) =>
      writeHeldOrThrow(ref, { fence }, { ...failedRun(failure), errorCount: raised(table.errorCount) }),

    schedule: (ref, { id, at, schedule, dueAt }) => writeOrCreate(ref, { id, at }, { schedule, dueAt, updatedAt: at }),

    request: (ref, { id, ...request }) => writeOrCreate(ref, { id, at: request.at }, requestedRun(request)),

    interrupt: (ref, change) =>
      session.run(async (db) => {
        const [row] = await db
          .update(table)
          .set({ ...interruptedRun(change), fence: raised(table.fence) })
          .where(and(equalTo(table, key(ref)), change.forget ? undefined : isNotNull(table.leaseOwner)))
          .returning()
        return row !== undefined && isInScope(tenantScope(ref.tenantId), row.tenantId) ? row : null
      }),

    moveDue: (ref, { at, from, to }) =>
      session.run(async (db) => {
        const rows = await db
          .update(table)
          .set({ dueAt: to, updatedAt: at })
          .where(equalTo(table, { ...key(ref), dueAt: from }))
          .returning()
        return rows.length === 1
      }),

    due: ({ at, clockSkewMs, limit, perTenant }) =>
      fairShare({
        fetch: (except: readonly T[], count) =>
          session.run(async (db) => {
            const isFree = or(isNull(table.leaseOwner), lt(table.leaseExpiresAt, new Date(at.getTime() - clockSkewMs)))
            const others = except.length === 0 ? undefined : notInArray(table.tenantId, [...except])
            return db
              .select()
              .from(table)
              .where(and(lte(table.dueAt, at), isFree, others))
              .orderBy(asc(table.dueAt), asc(table.id))
              .limit(count)
          }),
        limit,
        perTenant,
      }),

    release: async (ref, { fence, at, status }) => {
      await writeHeld(ref, { fence }, { status, updatedAt: at, ...noLease })
    },
  }
}

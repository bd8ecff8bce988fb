import { and, asc, desc, eq, gt, isNotNull, isNull, lt, lte, or, type SQL } from 'drizzle-orm'
import { type BreakerEvent, breaker } from '../../core/domain/breaker.ts'
import type { Connection } from '../../core/domain/connection.ts'
import { noProbeLease, notPaused } from '../../core/domain/pause.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { ConnectionChange, ConnectionRef, ConnectionRepository } from '../../core/ports/connection-repository.ts'
import {
  breakerColumns,
  erasedConnection,
  noRefreshLease,
  pausedConnection,
  probeLease,
  refreshLease,
  replacedCredentials,
  resealedColumns,
} from '../kit/connection-changes.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { slotTaken, tenantMissing, tenantRespelled } from '../kit/refusals.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import { contains } from './contains.ts'
import { isRefusedReference } from './drizzle-error.ts'
import type { RowData } from './drizzle-like.ts'
import type { DrizzleSession } from './drizzle-session.ts'
import { equalTo } from './equal-to.ts'
import { raised } from './raised.ts'

/** Connections in the database. Every write raises the version of the row. */
export function drizzleConnections<T extends TenantId>(session: DrizzleSession<T>): ConnectionRepository<T> {
  const table = session.tables.connection

  const visible = (ref: ConnectionRef<T>) => equalTo(table, { id: ref.id, tenantId: ref.tenantId, deletedAt: null })

  const toOwned = (ref: ConnectionRef<T>, row: Connection<T> | undefined): Connection<T> | null =>
    row !== undefined && isInScope(tenantScope(ref.tenantId), row.tenantId) ? row : null

  /** One guarded statement: it writes and answers the row, or does nothing. */
  const write = (ref: ConnectionRef<T>, at: Date, guard: SQL | undefined, data: RowData<Connection<T>>) =>
    session.run(async (db) => {
      const [row] = await db
        .update(table)
        .set({ ...data, version: raised(table.version), updatedAt: at })
        .where(and(visible(ref), guard))
        .returning()
      return toOwned(ref, row)
    })

  /**
   * Locks the row by raising its version, if `guard` matches, then lets `decide` say what becomes of it.
   * Thus the reducer is the only place that knows the rules, and nobody comes between reading and writing.
   */
  const change = (
    ref: ConnectionRef<T>,
    at: Date,
    guard: SQL | undefined,
    decide: (before: Connection<T>) => Partial<Connection<T>>,
  ): Promise<ConnectionChange<T>> =>
    session.atomic(async (db) => {
      const [locked] = await db
        .update(table)
        .set({ version: raised(table.version) })
        .where(and(visible(ref), guard))
        .returning()
      if (locked === undefined) {
        const [found] = await db.select().from(table).where(visible(ref))
        const row = toOwned(ref, found)
        return row === null ? null : { before: row, after: row }
      }
      const row = toOwned(ref, locked)
      if (row === null) return null
      const before = { ...row, version: row.version - 1 }
      const [after] = await db
        .update(table)
        .set({ ...decide(before), updatedAt: at })
        .where(equalTo(table, { id: ref.id }))
        .returning()
      return after === undefined ? null : { before, after }
    })

  const isRefreshLeaseFree = (at: Date, clockSkewMs: number) =>
    or(isNull(table.refreshLeaseExpiresAt), lt(table.refreshLeaseExpiresAt, new Date(at.getTime() - clockSkewMs)))

  const decideBy = (event: BreakerEvent) => (before: Connection<T>) => breakerColumns(breaker(before, event))

  const named = (text: string) =>
    or(contains(table.displayName, text), eq(table.id, text), eq(table.externalAccountId, text))

  return {
    create: async (connection) => {
      const insert = session.refusable((db) => db.insert(table).values(connection).onConflictDoNothing().returning())
      const rows = await insert.catch((error: unknown) => {
        // The user's relation.
        throw isRefusedReference(error) ? tenantMissing(connection, error) : error
      })
      const [row] = rows
      if (row === undefined) throw slotTaken(connection)
      const { id, tenantId } = connection
      if (isInScope(tenantScope(tenantId), row.tenantId)) return
      await session.run((db) => db.delete(table).where(equalTo(table, { id })).returning())
      throw tenantRespelled(tenantId, row.tenantId)
    },

    find: ({ scope, id, includeDeleted = false }) =>
      session.run(async (db) => {
        const where = equalTo(table, { id, ...scopeWhere(scope), ...(includeDeleted ? {} : { deletedAt: null }) })
        const [row] = await db.select().from(table).where(where)
        return row !== undefined && isInScope(scope, row.tenantId) ? row : null
      }),

    list: ({ scope, filter, newestFirst = false, after = null, limit }) =>
      session.run(async (db) => {
        const { family: providerFamily, provider: providerName, text, ...others } = filter
        const wanted = { ...scopeWhere(scope), deletedAt: null, providerFamily, providerName, ...others }
        const rows = await db
          .select()
          .from(table)
          .where(
            and(
              equalTo(table, wanted),
              text === undefined ? undefined : named(text),
              after === null ? undefined : (newestFirst ? lt : gt)(table.id, after),
            ),
          )
          .orderBy((newestFirst ? desc : asc)(table.id))
          .limit(limit + 1)
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),

    update: (ref, { at, expectedVersion, patch }) =>
      write(ref, at, equalTo(table, { version: expectedVersion }), patch),

    replaceCredentials: (ref, change) => {
      const guard = equalTo(table, { credentialsVersion: change.expectedCredentialsVersion })
      return write(ref, change.at, guard, replacedCredentials(change))
    },

    reseal: (ref, { at, clockSkewMs, columns }) => {
      const { from, to } = resealedColumns(columns)
      return write(ref, at, and(equalTo(table, from), isRefreshLeaseFree(at, clockSkewMs)), to)
    },

    acquireRefreshLease: (ref, lease) => {
      const isFree = isRefreshLeaseFree(lease.at, lease.clockSkewMs)
      const guard = and(equalTo(table, { credentialsVersion: lease.expectedCredentialsVersion }), isFree)
      return write(ref, lease.at, guard, refreshLease(lease))
    },

    dueForRefresh: ({ at, limit }) =>
      session.run((db) =>
        db
          .select()
          .from(table)
          .where(
            and(
              lte(table.tokenRefreshAt, at),
              equalTo(table, { deletedAt: null, isEnabled: true, needsReauthorization: false }),
              or(isNull(table.pausedUntil), lte(table.pausedUntil, at)),
              or(isNull(table.refreshLeaseExpiresAt), lt(table.refreshLeaseExpiresAt, at)),
            ),
          )
          .orderBy(asc(table.tokenRefreshAt), asc(table.id))
          .limit(limit),
      ),

    releaseRefreshLease: async (ref, { owner, at }) => {
      await write(ref, at, equalTo(table, { refreshLeaseOwner: owner }), noRefreshLease)
    },

    recordAuthFailure: (ref, failure) =>
      change(
        ref,
        failure.at,
        equalTo(table, { credentialsVersion: failure.credentialsVersion }),
        decideBy({ type: 'authenticationFailed', ...failure }),
      ),

    markConnected: (ref, success) =>
      change(
        ref,
        success.at,
        // Just what the reducer calls stale: a success that says nothing must not touch the row.
        and(
          equalTo(table, {
            credentialsVersion: success.credentialsVersion,
            ...(success.appliesToDisabled ? {} : { isEnabled: true }),
          }),
          or(isNull(table.lastAuthFailureAt), lte(table.lastAuthFailureAt, success.startedAt)),
          or(equalTo(table, { isConnected: false }), gt(table.authFailureCount, 0)),
        ),
        decideBy({ type: 'succeeded', ...success }),
      ),

    enable: (ref, { at }) => change(ref, at, undefined, decideBy({ type: 'enabled' })),
    disable: (ref, { at, reason }) => change(ref, at, undefined, decideBy({ type: 'disabled', reason })),

    pause: (ref, { at, untilAt, reason, credentialsVersion, seenPauseCount }) =>
      write(
        ref,
        at,
        and(
          credentialsVersion === null ? undefined : equalTo(table, { credentialsVersion }),
          seenPauseCount === null ? undefined : equalTo(table, { pauseCount: seenPauseCount }),
          or(isNull(table.pausedUntil), lt(table.pausedUntil, untilAt)),
        ),
        pausedConnection({ untilAt, reason, seenPauseCount }),
      ),

    resume: (ref, { at, answer }) =>
      write(
        ref,
        at,
        answer === null
          ? isNotNull(table.pausedUntil)
          : and(
              equalTo(table, { credentialsVersion: answer.credentialsVersion }),
              lte(table.pausedUntil, answer.startedAt),
            ),
        notPaused,
      ),

    acquireProbe: (ref, { owner, at, leaseMs, clockSkewMs }) =>
      write(
        ref,
        at,
        and(
          lte(table.pausedUntil, at),
          or(isNull(table.probeLeaseExpiresAt), lt(table.probeLeaseExpiresAt, new Date(at.getTime() - clockSkewMs))),
        ),
        probeLease({ owner, at, leaseMs }),
      ),

    releaseProbe: async (ref, { owner, at }) => {
      await write(ref, at, equalTo(table, { probeLeaseOwner: owner }), noProbeLease)
    },

    delete: async (ref, { at }) => {
      const changed = await change(ref, at, undefined, () => ({ ...erasedConnection, deletedAt: at, slot: ref.id }))
      return changed?.before ?? null
    },
  }
}

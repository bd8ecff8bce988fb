import { type BreakerEvent, breaker } from '../../core/domain/breaker.ts'
import type { Connection } from '../../core/domain/connection.ts'
import type { JsonObject } from '../../core/domain/json.ts'
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
import { hasOtherSpelling } from '../kit/has-other-spelling.ts'
import { matchesConnectionText } from '../kit/matches-connection-text.ts'
import { matchingRows } from '../kit/matching-rows.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { slotTaken, tenantMissing, tenantRespelled } from '../kit/refusals.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import { insertRow } from './insert-row.ts'
import { isComparedExactly } from './is-compared-exactly.ts'
import type { ConnectionRow, ConnectionWhere, RowData } from './prisma-client-like.ts'
import { isStoreFailure } from './prisma-error.ts'
import type { PrismaSession } from './prisma-session.ts'
import { updateRow } from './update-row.ts'

/** Connections in the database. Every write raises the version of the row. */
export function prismaConnections<T extends TenantId>(session: PrismaSession<T>): ConnectionRepository<T> {
  const visible = (ref: ConnectionRef<T>) => ({ id: ref.id, tenantId: ref.tenantId, deletedAt: null })

  const toOwned = (ref: ConnectionRef<T>, row: ConnectionRow<T> | null): Connection<T> | null =>
    row !== null && isInScope(tenantScope(ref.tenantId), row.tenantId) ? toConnection(row) : null

  /** Whether the row, if there is one, is the tenant's: in a transaction of the user's there is no taking back of a write. */
  const isOwned = async (ref: ConnectionRef<T>): Promise<boolean> => {
    if (isComparedExactly(session, ref.tenantId)) return true
    return (
      (await session.run(async ({ connection }) =>
        toOwned(ref, await connection.findFirst({ where: visible(ref) })),
      )) !== null
    )
  }

  /** One guarded update: it writes and answers the row, or does nothing. */
  const write = async (ref: ConnectionRef<T>, at: Date, guard: ConnectionWhere<T>, data: RowData<Connection<T>>) => {
    if (!(await isOwned(ref))) return null
    return session.write(async ({ connection }) => {
      const row = await updateRow(session.dialect, connection, {
        key: visible(ref),
        guard,
        data: { ...data, version: { increment: 1 }, updatedAt: at },
      })
      return toOwned(ref, row)
    })
  }

  /**
   * Locks the row by raising its version, if `guard` matches, then lets `decide` say what becomes of it.
   * Thus the reducer is the only place that knows the rules, and nobody comes between reading and writing.
   */
  const change = async (
    ref: ConnectionRef<T>,
    at: Date,
    guard: ConnectionWhere<T>,
    decide: (before: Connection<T>) => Partial<Connection<T>>,
  ): Promise<ConnectionChange<T>> => {
    if (!(await isOwned(ref))) return null
    return session.atomic(async ({ connection }) => {
      const locked = await updateRow(session.dialect, connection, {
        key: visible(ref),
        guard,
        data: { version: { increment: 1 } },
      })
      if (locked === null) {
        const row = toOwned(ref, await connection.findFirst({ where: visible(ref) }))
        return row === null ? null : { before: row, after: row }
      }
      const row = toOwned(ref, locked)
      if (row === null) return null
      const before = { ...row, version: row.version - 1 }
      const written = await updateRow(session.dialect, connection, {
        key: { id: ref.id },
        guard: {},
        data: { ...decide(before), updatedAt: at },
      })
      return written === null ? null : { before, after: toConnection(written) }
    })
  }

  const decideBy = (event: BreakerEvent) => (before: Connection<T>) => breakerColumns(breaker(before, event))

  return {
    create: async (connection) => {
      // The foreign key of the user's relation may refuse the row.
      const { dialect, refusable: run } = session
      const isInserted = await insertRow({ dialect, run }, (models) => models.connection, connection).catch(
        (error: unknown) => {
          throw isStoreFailure(error, 'reference') ? tenantMissing(connection, error.cause) : error
        },
      )
      if (!isInserted) throw slotTaken(connection)
      if (!hasOtherSpelling(connection.tenantId)) return
      // The client doesn't tell the column's type: only what came back from it does.
      const { id, tenantId } = connection
      await session.run(async (models) => {
        const row = await models.connection.findFirst({ where: { id } })
        if (row === null || isInScope(tenantScope(tenantId), row.tenantId)) return
        await models.connection.deleteMany({ where: { id } })
        throw tenantRespelled(tenantId, row.tenantId)
      })
    },

    find: ({ scope, id, includeDeleted = false }) =>
      session.run(async ({ connection }) => {
        const where = { id, ...scopeWhere(scope), ...(includeDeleted ? {} : { deletedAt: null }) }
        const row = await connection.findFirst({ where })
        return row !== null && isInScope(scope, row.tenantId) ? toConnection(row) : null
      }),

    list: ({ scope, filter, newestFirst = false, after = null, limit }) =>
      session.run(async ({ connection }) => {
        const count = limit + 1
        const rows = await matchingRows<ConnectionRow<T>>(
          (last) => {
            const position = last?.id ?? after
            return connection.findMany({
              where: {
                ...scopeWhere(scope),
                deletedAt: null,
                ...(position !== null && { id: newestFirst ? { lt: position } : { gt: position } }),
                ...(filter.externalAccountId !== undefined && { externalAccountId: filter.externalAccountId }),
                ...(filter.family !== undefined && { providerFamily: filter.family }),
                ...(filter.provider !== undefined && { providerName: filter.provider }),
                ...(filter.isEnabled !== undefined && { isEnabled: filter.isEnabled }),
                ...(filter.isConnected !== undefined && { isConnected: filter.isConnected }),
                ...(filter.text !== undefined && { OR: textAnyOf(filter.text) }),
              },
              orderBy: [{ id: newestFirst ? 'desc' : 'asc' }],
              take: count,
            })
          },
          // A collation may take the account `a1` for `A1`.
          (row) =>
            (filter.externalAccountId === undefined || row.externalAccountId === filter.externalAccountId) &&
            (filter.text === undefined || matchesConnectionText(row, filter.text)),
          count,
        )
        return pageOfRows(rows, { scope, limit }, toConnection)
      }),

    update: (ref, { at, expectedVersion, patch }) => write(ref, at, { version: expectedVersion }, patch),

    replaceCredentials: (ref, change) =>
      write(ref, change.at, { credentialsVersion: change.expectedCredentialsVersion }, replacedCredentials(change)),

    reseal: async (ref, { at, clockSkewMs, columns }) => {
      const { from, to } = resealedColumns(columns)
      const guard = { ...from, OR: freeRefreshLease(at, clockSkewMs) }
      if (session.dialect.comparesExactly) return write(ref, at, guard, to)
      // The collation takes `a` for `A`: compare here, and write only what was compared.
      const row = await session.run(async ({ connection }) =>
        toOwned(ref, await connection.findFirst({ where: visible(ref) })),
      )
      const isAsItWas = Object.entries(from).every(([column, old]) => row?.[column as keyof typeof from] === old)
      return row !== null && isAsItWas ? write(ref, at, { ...guard, version: row.version }, to) : null
    },

    acquireRefreshLease: (ref, lease) => {
      const isFree = freeRefreshLease(lease.at, lease.clockSkewMs)
      const guard = { credentialsVersion: lease.expectedCredentialsVersion, OR: isFree }
      return write(ref, lease.at, guard, refreshLease(lease))
    },

    dueForRefresh: ({ at, limit }) =>
      session.run(async ({ connection }) => {
        const rows = await connection.findMany({
          where: {
            tokenRefreshAt: { lte: at },
            deletedAt: null,
            isEnabled: true,
            needsReauthorization: false,
            AND: [
              { OR: [{ pausedUntil: null }, { pausedUntil: { lte: at } }] },
              { OR: [{ refreshLeaseExpiresAt: null }, { refreshLeaseExpiresAt: { lt: at } }] },
            ],
          },
          orderBy: [{ tokenRefreshAt: 'asc' }, { id: 'asc' }],
          take: limit,
        })
        return rows.map(toConnection)
      }),

    releaseRefreshLease: async (ref, { owner, at }) => {
      await write(ref, at, { refreshLeaseOwner: owner }, noRefreshLease)
    },

    recordAuthFailure: (ref, failure) =>
      change(
        ref,
        failure.at,
        { credentialsVersion: failure.credentialsVersion },
        decideBy({ type: 'authenticationFailed', ...failure }),
      ),

    markConnected: (ref, success) =>
      change(
        ref,
        success.at,
        // Just what the reducer calls stale: a success that says nothing must not touch the row.
        {
          credentialsVersion: success.credentialsVersion,
          ...(success.appliesToDisabled ? {} : { isEnabled: true }),
          AND: [
            { OR: [{ lastAuthFailureAt: null }, { lastAuthFailureAt: { lte: success.startedAt } }] },
            { OR: [{ isConnected: false }, { authFailureCount: { gt: 0 } }] },
          ],
        },
        decideBy({ type: 'succeeded', ...success }),
      ),

    enable: (ref, { at }) => change(ref, at, {}, decideBy({ type: 'enabled' })),
    disable: (ref, { at, reason }) => change(ref, at, {}, decideBy({ type: 'disabled', reason })),

    pause: (ref, { at, untilAt, reason, credentialsVersion, seenPauseCount }) =>
      write(
        ref,
        at,
        {
          ...(credentialsVersion !== null && { credentialsVersion }),
          ...(seenPauseCount !== null && { pauseCount: seenPauseCount }),
          OR: [{ pausedUntil: null }, { pausedUntil: { lt: untilAt } }],
        },
        pausedConnection({ untilAt, reason, seenPauseCount }),
      ),

    resume: (ref, { at, answer }) =>
      write(
        ref,
        at,
        answer === null
          ? { pausedUntil: { not: null } }
          : { credentialsVersion: answer.credentialsVersion, pausedUntil: { lte: answer.startedAt } },
        notPaused,
      ),

    acquireProbe: (ref, { owner, at, leaseMs, clockSkewMs }) =>
      write(
        ref,
        at,
        {
          pausedUntil: { lte: at },
          OR: [{ probeLeaseExpiresAt: null }, { probeLeaseExpiresAt: { lt: new Date(at.getTime() - clockSkewMs) } }],
        },
        probeLease({ owner, at, leaseMs }),
      ),

    releaseProbe: async (ref, { owner, at }) => {
      await write(ref, at, { probeLeaseOwner: owner }, noProbeLease)
    },

    delete: async (ref, { at }) => {
      const changed = await change(ref, at, {}, () => ({ ...erasedConnection, deletedAt: at, slot: ref.id }))
      return changed?.before ?? null
    },
  }
}

/** The lease is nobody's, or expired so long ago that it may be taken over. */
function freeRefreshLease(at: Date, clockSkewMs: number) {
  return [{ refreshLeaseExpiresAt: null }, { refreshLeaseExpiresAt: { lt: new Date(at.getTime() - clockSkewMs) } }]
}

function toConnection<T extends TenantId>(row: ConnectionRow<T>): Connection<T> {
  return { ...row, config: row.config as JsonObject } // only objects are ever written
}

/** Finds all whose name contains the text or that it names, and perhaps more: wildcards are not escaped alike everywhere. */
function textAnyOf<T extends TenantId>(text: string): ConnectionWhere<T>[] {
  // A backslash escapes what follows, except on SQLite; `_` stands for any character, it included.
  const contains = text.replaceAll('\\', '_')
  return [{ displayName: { contains } }, { id: text }, { externalAccountId: text }]
}

import {
  and,
  asc,
  desc,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  notInArray,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm'
import type { HandledTypes } from '../../core/domain/handled-types.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { WebhookEvent } from '../../core/domain/webhook-event.ts'
import type {
  WebhookClaim,
  WebhookEventRef,
  WebhookEventRepository,
} from '../../core/ports/webhook-event-repository.ts'
import { fairDeliveries } from '../kit/fair-deliveries.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { claimLost, foreignDelivery } from '../kit/refusals.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import {
  abandonable,
  deadEvent,
  processedEvent,
  purgeable,
  purgedEvent,
  requeueable,
  requeuedEvent,
  retriedEvent,
} from '../kit/webhook-event-changes.ts'
import type { QueriesLike, TableLike } from './drizzle-like.ts'
import type { DrizzleSession } from './drizzle-session.ts'
import { equalTo } from './equal-to.ts'
import { raised } from './raised.ts'

/** Webhook deliveries in the database. */
export function drizzleWebhookEvents<T extends TenantId>(session: DrizzleSession<T>): WebhookEventRepository<T> {
  const { webhookEvent: table, connection } = session.tables

  /** Ends a claim in one guarded statement. */
  const end = (ref: WebhookEventRef<T>, attempt: number, data: Partial<WebhookEvent<T>>): Promise<void> =>
    session.run(async (db) => {
      const rows = await db
        .update(table)
        .set(data)
        .where(equalTo(table, { id: ref.id, tenantId: ref.tenantId, status: 'processing', attempts: attempt }))
        .returning()
      if (rows.length === 0) throw claimLost(ref, attempt)
    })

  /** Changes a delivery that meets a condition, in one guarded statement. */
  const change = (
    { id, tenantId }: WebhookEventRef<T>,
    guard: SQL | undefined,
    data: Partial<WebhookEvent<T>>,
  ): Promise<WebhookEvent<T> | null> =>
    session.run(async (db) => {
      const [row] = await db
        .update(table)
        .set(data)
        .where(and(equalTo(table, { id, tenantId }), guard))
        .returning()
      return row !== undefined && isInScope(tenantScope(tenantId), row.tenantId) ? row : null
    })

  const idsOf = (condition: SQL | undefined, limit: number): SQL =>
    sql`(select ${table.id} from ${table} where ${condition} limit ${limit})`

  /** Takes a delivery in one guarded statement. */
  const take = async (
    db: QueriesLike,
    { id, tenantId }: WebhookEventRef<T>,
    { at, leaseMs }: WebhookClaim,
    among: SQL | undefined,
  ): Promise<WebhookEvent<T> | null> => {
    const [row] = await db
      .update(table)
      .set({
        status: 'processing',
        attempts: raised(table.attempts),
        claimExpiresAt: new Date(at.getTime() + leaseMs),
      })
      .where(
        and(
          equalTo(table, { id, tenantId }),
          among,
          isNull(table.purgedAt),
          inArray(table.status, ['received', 'failed', 'dead', 'unhandled']),
        ),
      )
      .returning()
    return row ?? null
  }

  /** Takes a delivery that has an order key, if it is its turn. */
  const claimInOrder = async (ref: WebhookEventRef<T>, claim: WebhookClaim): Promise<WebhookEvent<T> | null> => {
    const itself = equalTo(table, { id: ref.id, tenantId: ref.tenantId })
    const [seen] = await session.run((db) =>
      db
        .select()
        .from(table)
        .where(and(itself, isNotNull(table.orderKey))),
    )
    if (seen === undefined) return null
    return session.atomic(async (db) => {
      // Whoever holds this row is alone in here: two that don't see each other's claim would both have their turn.
      await db
        .update(connection)
        .set({ version: raised(connection.version, 0) })
        .where(equalTo(connection, { id: seen.connectionId }))
        .returning()
      return take(db, ref, claim, isItsTurn(table, claim.handled))
    })
  }

  return {
    insertIfAbsent: (event) =>
      session.run(async (db) => {
        const [row] = await db
          .insert(table)
          .values(event)
          .onConflictDoUpdate({
            target: [table.connectionId, table.idempotencyKey],
            set: { deliveries: raised(table.deliveries) },
            setWhere: equalTo(table, { tenantId: event.tenantId }),
          })
          .returning()
        if (row === undefined || !isInScope(tenantScope(event.tenantId), row.tenantId)) {
          throw foreignDelivery(event.connectionId)
        }
        // Who sees its own id with a single delivery is the one that inserted it.
        return { isNew: row.id === event.id && row.deliveries === event.deliveries, event: row }
      }),

    keepRejected: async (event, { since, limit }) => {
      const { connectionId } = event
      const rejected = and(equalTo(table, { connectionId, status: 'rejected' }), gte(table.createdAt, since))
      // Only a flood gets here with the quota used up; it must not cost a transaction each.
      if ((await session.run((db) => db.$count(table, rejected))) >= limit) return false
      return session.atomic(async (db) => {
        // Others who keep one for this connection wait here, else each would count without the other.
        const [owner] = await db
          .update(connection)
          .set({ version: raised(connection.version, 0) })
          .where(equalTo(connection, { id: connectionId, tenantId: event.tenantId }))
          .returning()
        if (owner === undefined) return false
        if ((await db.$count(table, rejected)) >= limit) return false
        await db.insert(table).values(event)
        return true
      })
    },

    find: ({ scope, id }) =>
      session.run(async (db) => {
        const [row] = await db
          .select()
          .from(table)
          .where(equalTo(table, { id, ...scopeWhere(scope) }))
        return row !== undefined && isInScope(scope, row.tenantId) ? row : null
      }),

    list: ({ scope, filter, after = null, limit }) =>
      session.run(async (db) => {
        const rows = await db
          .select()
          .from(table)
          .where(
            and(equalTo(table, { ...scopeWhere(scope), ...filter }), after === null ? undefined : lt(table.id, after)),
          )
          .orderBy(desc(table.id))
          .limit(limit + 1)
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),

    claim: async (ref, claim) => {
      const unordered = await session.run((db) => take(db, ref, claim, isNull(table.orderKey)))
      const row = unordered ?? (await claimInOrder(ref, claim))
      return row !== null && isInScope(tenantScope(ref.tenantId), row.tenantId) ? row : null
    },

    complete: (ref, ending) => end(ref, ending.attempt, processedEvent(ending)),

    markUnhandled: (ref) =>
      session.run(async (db) => {
        const { id, tenantId } = ref
        await db
          .update(table)
          .set({ status: 'unhandled' })
          .where(equalTo(table, { id, tenantId, status: 'received' }))
          .returning()
      }),

    retryLater: (ref, ending) => end(ref, ending.attempt, retriedEvent(ending)),

    deadLetter: (ref, ending) => end(ref, ending.attempt, deadEvent(ending)),

    requeue: (ref, start) =>
      change(ref, and(inArray(table.status, [...requeueable]), isNull(table.purgedAt)), requeuedEvent(start)),

    abandon: (ref, failure) => change(ref, inArray(table.status, [...abandonable]), deadEvent(failure)),

    purge: ({ before, at, limit }) =>
      session.run(async (db) => {
        let total = 0
        for (const status of purgeable) {
          const old = and(isNull(table.purgedAt), equalTo(table, { status }), lt(table.createdAt, before))
          const rows = await db
            .update(table)
            .set(purgedEvent({ at }))
            // Of concurrent calls only the one whose statement finds a body counts it.
            .where(and(inArray(table.id, idsOf(old, limit - total)), old))
            .returning({ id: table.id })
          total += rows.length
        }
        return total
      }),

    prune: ({ purgedBefore, rejectedBefore, limit }) =>
      session.run(async (db) => {
        const rejected = and(
          isNull(table.purgedAt),
          equalTo(table, { status: 'rejected' }),
          lt(table.createdAt, rejectedBefore),
        )
        let total = 0
        for (const old of [lt(table.purgedAt, purgedBefore), rejected]) {
          const ids = idsOf(old, limit - total)
          total += (await db.delete(table).where(inArray(table.id, ids)).returning({ id: table.id })).length
        }
        return total
      }),

    due: ({ scope, at, clockSkewMs, limit, perTenant, handled }) =>
      fairDeliveries({
        limit,
        perTenant,
        fetch: (except: readonly T[], count) =>
          session.run(async (db) => {
            const among = handled === 'all' ? undefined : handledWhere(table.eventType, handled)
            const others = except.length === 0 ? undefined : notInArray(table.tenantId, [...except])
            const waiting = (status: WebhookEvent['status'], since: SQL) =>
              db
                .select()
                .from(table)
                .where(
                  and(
                    equalTo(table, { ...scopeWhere(scope), status }),
                    since,
                    among,
                    others,
                    isItsTurn(table, handled),
                  ),
                )
                .orderBy(asc(table.availableAt), asc(table.id))
                .limit(count)
            // A query per status, each of which is a walk along the index; an OR over all of them would be sorted.
            const rows = [
              ...(await waiting('received', lte(table.availableAt, at))),
              ...(await waiting('unhandled', lte(table.availableAt, at))),
              ...(await waiting('failed', lte(table.availableAt, at))),
              ...(await waiting('processing', lt(table.claimExpiresAt, new Date(at.getTime() - clockSkewMs)))),
            ]
            return rows.filter((row) => isInScope(scope, row.tenantId))
          }),
      }),
  }
}

function handledWhere(column: SQLWrapper, { types, groups }: Exclude<HandledTypes, 'all'>) {
  // By comparison: LIKE takes characters for wildcards, and on SQLite one case for the other. Databases count whole characters.
  const beginning = (group: string) => sql`substr(${column}, 1, ${[...group].length}) = ${group}`
  return or(inArray(column, [...types]), ...groups.map(beginning))
}

/** Whether a delivery has to wait for no other one with its order key. */
function isItsTurn<T extends TenantId>(table: TableLike<WebhookEvent<T>>, handled: HandledTypes): SQL | undefined {
  const other = (name: 'id' | 'orderKey' | 'status' | 'eventType') => sql`other.${sql.identifier(name)}`
  const isHandled = handled === 'all' ? undefined : handledWhere(other('eventType'), handled)
  const isHolding = or(
    sql`${other('status')} = 'processing'`,
    and(
      sql`${other('id')} < ${table.id}`,
      or(sql`${other('status')} = 'failed'`, and(sql`${other('status')} in ('received', 'unhandled')`, isHandled)),
    ),
  )
  return or(
    isNull(table.orderKey),
    equalTo(table, { status: 'processing' }),
    sql`not exists (select 1 from ${table} as other where ${other('orderKey')} = ${table.orderKey}
      and ${other('id')} <> ${table.id} and ${isHolding})`,
  )
}

import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Json, JsonObject } from '../../core/domain/json.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { WebhookErrorKind, WebhookEvent, WebhookStatus } from '../../core/domain/webhook-event.ts'
import type {
  WebhookClaim,
  WebhookEventRef,
  WebhookEventRepository,
} from '../../core/ports/webhook-event-repository.ts'
import { matchingRows } from '../kit/matching-rows.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { claimLost, foreignDelivery } from '../kit/refusals.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import {
  abandonable,
  deadEvent,
  processedEvent,
  requeueable,
  requeuedEvent,
  retriedEvent,
} from '../kit/webhook-event-changes.ts'
import { insertRow } from './insert-row.ts'
import { isComparedExactly } from './is-compared-exactly.ts'
import type {
  PrismaModels,
  RowData,
  WaitingWebhook,
  WebhookEventInput,
  WebhookEventRow,
  WebhookEventWhere,
} from './prisma-client-like.ts'
import { prismaDueWebhooks } from './prisma-due-webhooks.ts'
import { pruneWebhooks, purgeWebhooks } from './prisma-old-webhooks.ts'
import type { PrismaSession } from './prisma-session.ts'
import type { InsertWebhook } from './prisma-webhook-inserts.ts'
import { holdersOf, waitingColumns } from './prisma-webhook-order.ts'
import { updateRow } from './update-row.ts'

/**
 * Webhook deliveries in the database.
 *
 * @param better makes something better of the insert by Prisma alone, where there is something
 */
export function prismaWebhookEvents<T extends TenantId>(
  session: PrismaSession<T>,
  better: (alone: InsertWebhook<T>) => InsertWebhook<T> = (alone) => alone,
): WebhookEventRepository<T> {
  /** Changes a delivery that meets a condition, in one guarded statement. */
  const change = async (
    ref: WebhookEventRef<T>,
    guard: WebhookEventWhere<T>,
    data: RowData<WebhookEventInput<T>>,
  ): Promise<WebhookEvent<T> | null> => {
    if (!(await isOwned(ref))) return null
    const { id, tenantId } = ref
    const row = await session.write(({ webhookEvent }) =>
      updateRow(session.dialect, webhookEvent, { key: { id, tenantId }, guard, data }),
    )
    return row !== null && isInScope(tenantScope(tenantId), row.tenantId) ? toWebhookEvent(row) : null
  }

  /** A delivery without its body. */
  const glance = async (
    { webhookEvent }: PrismaModels<T>,
    { id, tenantId }: WebhookEventRef<T>,
  ): Promise<WaitingWebhook<T> | undefined> => {
    const [row] = await webhookEvent.findMany({ where: { id, tenantId }, select: waitingColumns })
    return row
  }

  /** Whether the row, if there is one, is the tenant's: in a transaction of the user's there is no taking back of a write. */
  const isOwned = async ({ id, tenantId }: WebhookEventRef<T>): Promise<boolean> => {
    if (isComparedExactly(session, tenantId)) return true
    const row = await session.run((models) => glance(models, { id, tenantId }))
    return row !== undefined && isInScope(tenantScope(tenantId), row.tenantId)
  }

  /** Counts one more delivery of a stored event; answers the stored one. */
  const countDuplicate = ({ connectionId, idempotencyKey }: WebhookEvent<T>) =>
    session.write(({ webhookEvent }) =>
      updateRow(session.dialect, webhookEvent, {
        key: { connectionId, idempotencyKey },
        guard: {},
        data: { deliveries: { increment: 1 } },
      }),
    )

  /** One native ON CONFLICT statement: who sees its own id with a single delivery is the one that inserted it. */
  const upsert: InsertWebhook<T> = (event) =>
    session.run(async ({ webhookEvent }) => {
      const { connectionId, idempotencyKey } = event
      const row = await webhookEvent.upsert({
        where: { connectionId_idempotencyKey: { connectionId, idempotencyKey } },
        create: toInput(event),
        update: { deliveries: { increment: 1 } },
      })
      return { isNew: row.id === event.id && row.deliveries === event.deliveries, row }
    })

  /** Where Prisma's upsert looks first and inserts then, and most of those that come at once are refused. */
  const insertOrCount: InsertWebhook<T> = async (event) => {
    const input = toInput(event)
    const isNew = await insertRow(session, (models) => models.webhookEvent, input)
    const row = isNew ? { payload: null, ...input } : await countDuplicate(event)
    if (row === null) throw deliveryGone(event)
    return { isNew, row }
  }

  const insert = better(session.dialect.hasReturning ? upsert : insertOrCount)

  /** Ends a claim in one guarded statement. */
  const end = async (ref: WebhookEventRef<T>, attempt: number, data: RowData<WebhookEventInput<T>>): Promise<void> => {
    if (!(await isOwned(ref))) throw claimLost(ref, attempt)
    return session.run(async ({ webhookEvent }) => {
      const { count } = await webhookEvent.updateMany({
        where: { id: ref.id, tenantId: ref.tenantId, status: 'processing', attempts: attempt },
        data,
      })
      if (count !== 1) throw claimLost(ref, attempt)
    })
  }

  /** Takes a delivery in one guarded statement. */
  const take = (
    { webhookEvent }: PrismaModels<T>,
    { id, tenantId }: WebhookEventRef<T>,
    { at, leaseMs }: WebhookClaim,
    among: WebhookEventWhere<T>,
  ) =>
    updateRow(session.dialect, webhookEvent, {
      key: { id, tenantId },
      guard: {
        ...among,
        purgedAt: null,
        status: { in: ['received', 'failed', 'dead', 'unhandled'] },
      },
      data: {
        status: 'processing',
        attempts: { increment: 1 },
        claimExpiresAt: new Date(at.getTime() + leaseMs),
      },
    })

  /** Takes a delivery that has an order key, if it is its turn. */
  const claimInOrder = async (ref: WebhookEventRef<T>, claim: WebhookClaim) => {
    const seen = await session.run((models) => glance(models, ref))
    if (seen === undefined || seen.orderKey === null) return null
    return session.atomic(async (models) => {
      // Whoever holds this row is alone in here: two that don't see each other's claim would both have their turn.
      const owner = { where: { id: seen.connectionId }, data: { version: { increment: 0 } } }
      await models.connection.updateMany(owner)
      const row = await glance(models, ref)
      if (row === undefined || (await holdersOf(models, [row], claim.handled)).size > 0) return null
      return take(models, ref, claim, {})
    })
  }

  return {
    insertIfAbsent: async (event) => {
      const { isNew, row } = await insert(event)
      if (!isInScope(tenantScope(event.tenantId), row.tenantId)) {
        // Neither ON CONFLICT nor a collation asks for the tenant: what was counted is taken back.
        const uncounted = { where: { id: row.id }, data: { deliveries: { increment: -1 } } }
        await session.run(({ webhookEvent }) => webhookEvent.updateMany(uncounted))
        throw foreignDelivery(event.connectionId)
      }
      return { isNew, event: toWebhookEvent(row) }
    },

    keepRejected: async (event, { since, limit }) => {
      const rejected = { connectionId: event.connectionId, status: 'rejected', createdAt: { gte: since } } as const
      // Only a flood gets here with the quota used up; it must not cost a transaction each.
      const isFull = await session.run(
        async (models) => (await models.webhookEvent.count({ where: rejected })) >= limit,
      )
      if (isFull) return false
      return session.atomic(async ({ connection, webhookEvent }) => {
        // Whoever holds this row is alone in here: the others would not see what isn't committed yet.
        const owner = await updateRow(session.dialect, connection, {
          key: { id: event.connectionId, tenantId: event.tenantId },
          guard: {},
          data: { version: { increment: 0 } },
        })
        if (owner === null || !isInScope(tenantScope(event.tenantId), owner.tenantId)) return false
        await webhookEvent.createMany({ data: [toInput(event)] })
        const isWithin = (await webhookEvent.count({ where: rejected })) <= limit
        if (!isWithin) await webhookEvent.deleteMany({ where: { id: event.id } })
        return isWithin
      })
    },

    find: ({ scope, id }) =>
      session.run(async ({ webhookEvent }) => {
        const row = await webhookEvent.findFirst({ where: { id, ...scopeWhere(scope) } })
        return row !== null && isInScope(scope, row.tenantId) ? toWebhookEvent(row) : null
      }),

    list: ({ scope, filter, after = null, limit }) =>
      session.run(async ({ webhookEvent }) => {
        const count = limit + 1
        const rows = await matchingRows<WebhookEventRow<T>>(
          (last) => {
            const position = last?.id ?? after
            return webhookEvent.findMany({
              where: {
                ...scopeWhere(scope),
                ...(position !== null && { id: { lt: position } }),
                ...(filter.connectionId !== undefined && { connectionId: filter.connectionId }),
                ...(filter.provider !== undefined && { provider: filter.provider }),
                ...(filter.eventType !== undefined && { eventType: filter.eventType }),
                ...(filter.status !== undefined && { status: filter.status }),
                ...(filter.signatureValid !== undefined && { signatureValid: filter.signatureValid }),
                ...(filter.idempotencyKey !== undefined && { idempotencyKey: filter.idempotencyKey }),
              },
              orderBy: [{ id: 'desc' }],
              take: count,
            })
          },
          // A collation may take `order.created` for `Order.created`.
          ({ eventType, idempotencyKey }) =>
            (filter.eventType === undefined || eventType === filter.eventType) &&
            (filter.idempotencyKey === undefined || idempotencyKey === filter.idempotencyKey),
          count,
        )
        return pageOfRows(rows, { scope, limit }, toWebhookEvent)
      }),

    claim: async (ref, claim) => {
      if (!(await isOwned(ref))) return null
      const unordered = await session.write((models) => take(models, ref, claim, { orderKey: null }))
      const row = unordered ?? (await claimInOrder(ref, claim))
      return row !== null && isInScope(tenantScope(ref.tenantId), row.tenantId) ? toWebhookEvent(row) : null
    },

    complete: (ref, ending) => end(ref, ending.attempt, processedEvent(ending)),

    markUnhandled: async (ref) => {
      if (!(await isOwned(ref))) return
      await session.run(({ webhookEvent }) =>
        webhookEvent.updateMany({
          where: { id: ref.id, tenantId: ref.tenantId, status: 'received' },
          data: { status: 'unhandled' },
        }),
      )
    },

    retryLater: (ref, ending) => end(ref, ending.attempt, retriedEvent(ending)),

    deadLetter: (ref, ending) => end(ref, ending.attempt, deadEvent(ending)),

    requeue: (ref, start) => change(ref, { status: { in: [...requeueable] }, purgedAt: null }, requeuedEvent(start)),

    abandon: (ref, failure) => change(ref, { status: { in: [...abandonable] } }, deadEvent(failure)),

    purge: (query) => session.run((models) => purgeWebhooks(models, query)),

    prune: (query) => session.run((models) => pruneWebhooks(models, query)),

    due: (query) => session.run((models) => prismaDueWebhooks(models, query)),
  }
}

/** A payload of JSON null is left out: stored as SQL NULL, and read back as null. */
function toInput<T extends TenantId>({ payload, ...event }: WebhookEvent<T>): WebhookEventInput<T> {
  return {
    ...event,
    ...(payload !== null && { payload }),
    // A copy of exactly these bytes: a Buffer may be a window on a larger pool.
    rawBody: new Uint8Array(event.rawBody),
  }
}

function toWebhookEvent<T extends TenantId>(row: WebhookEventRow<T>): WebhookEvent<T> {
  return {
    ...row,
    // Nothing but JSON, an object, and a status and a kind of ours is ever written to these columns.
    payload: row.payload as Json,
    headers: row.headers as JsonObject,
    status: row.status as WebhookStatus,
    errorKind: row.errorKind as WebhookErrorKind | null,
  }
}

function deliveryGone({ connectionId, idempotencyKey }: WebhookEvent): ConnectorsError<'STORE_UNAVAILABLE'> {
  return new ConnectorsError(
    'STORE_UNAVAILABLE',
    `Delivery ${idempotencyKey} of connection ${connectionId} was removed while its duplicate arrived. Try again.`,
  )
}

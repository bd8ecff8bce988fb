import type { Json, JsonObject } from '../../core/domain/json.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { WebhookEvent, WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { WebhookEventRef, WebhookEventRepository } from '../../core/ports/webhook-event-repository.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { claimLost, foreignDelivery } from '../kit/refusals.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import { storableText } from '../kit/storable-text.ts'
import type { RowData, WebhookEventInput, WebhookEventRow } from './prisma-client-like.ts'
import type { PrismaSession } from './prisma-session.ts'

/** Webhook deliveries in the database. */
export function prismaWebhookEvents<T extends TenantId>(session: PrismaSession<T>): WebhookEventRepository<T> {
  /** Ends a claim in one guarded statement. */
  const end = (
    ref: WebhookEventRef<T>,
    attempt: number,
    data: RowData<Pick<WebhookEvent<T>, 'status' | 'processedAt' | 'availableAt' | 'error'>>,
  ): Promise<void> =>
    session.run(async ({ webhookEvent }) => {
      const { count } = await webhookEvent.updateMany({
        where: { id: ref.id, tenantId: ref.tenantId, status: 'processing', attempts: attempt },
        data: { ...storableText(data), claimExpiresAt: null },
      })
      if (count !== 1) throw claimLost(ref, attempt)
    })

  return {
    insertIfAbsent: (event) =>
      session.run(async ({ webhookEvent }) => {
        const { connectionId, idempotencyKey } = event
        // One native ON CONFLICT statement: who sees its own id with a single delivery is the one that inserted it.
        const row = await webhookEvent.upsert({
          where: { connectionId_idempotencyKey: { connectionId, idempotencyKey } },
          create: toInput(event),
          update: { deliveries: { increment: 1 } },
        })
        if (!isInScope(tenantScope(event.tenantId), row.tenantId)) throw foreignDelivery(connectionId)
        return { isNew: row.id === event.id && row.deliveries === event.deliveries, event: toWebhookEvent(row) }
      }),

    keepRejected: async (event, { since, limit }) => {
      const rejected = { connectionId: event.connectionId, status: 'rejected', createdAt: { gte: since } } as const
      // Only a flood gets here with the quota used up; it must not cost a transaction each.
      const isFull = await session.run(
        async (models) => (await models.webhookEvent.count({ where: rejected })) >= limit,
      )
      if (isFull) return false
      return session.atomic(async ({ webhookEvent }) => {
        await webhookEvent.create({ data: toInput(event) })
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
        const rows = await webhookEvent.findMany({
          where: {
            ...scopeWhere(scope),
            ...(after !== null && { id: { lt: after } }),
            ...(filter.connectionId !== undefined && { connectionId: filter.connectionId }),
            ...(filter.provider !== undefined && { provider: filter.provider }),
            ...(filter.eventType !== undefined && { eventType: filter.eventType }),
            ...(filter.status !== undefined && { status: filter.status }),
          },
          orderBy: [{ id: 'desc' }],
          take: limit + 1,
        })
        return pageOfRows(rows, { scope, limit }, toWebhookEvent)
      }),

    claim: (ref, { at, leaseMs, clockSkewMs }) =>
      session.run(async ({ webhookEvent }) => {
        const expired = new Date(at.getTime() - clockSkewMs)
        const [row] = await webhookEvent.updateManyAndReturn({
          where: {
            id: ref.id,
            tenantId: ref.tenantId,
            OR: [
              { status: { in: ['received', 'failed', 'dead', 'unhandled'] } },
              { status: 'processing', OR: [{ claimExpiresAt: null }, { claimExpiresAt: { lt: expired } }] },
            ],
          },
          data: {
            status: 'processing',
            attempts: { increment: 1 },
            claimExpiresAt: new Date(at.getTime() + leaseMs),
          },
        })
        return row !== undefined && isInScope(tenantScope(ref.tenantId), row.tenantId) ? toWebhookEvent(row) : null
      }),

    complete: (ref, { attempt, at, status }) =>
      end(ref, attempt, { status, processedAt: status === 'processed' ? at : null, availableAt: null, error: null }),

    retryLater: (ref, { attempt, availableAt, error }) => end(ref, attempt, { status: 'failed', availableAt, error }),

    deadLetter: (ref, { attempt, error }) => end(ref, attempt, { status: 'dead', availableAt: null, error }),

    due: ({ scope, at, clockSkewMs, limit }) =>
      session.run(async ({ webhookEvent }) => {
        const expired = new Date(at.getTime() - clockSkewMs)
        const page = {
          orderBy: [{ availableAt: 'asc' as const }, { id: 'asc' as const }],
          take: limit,
          select: { id: true, tenantId: true, availableAt: true, createdAt: true } as const,
        }
        const waiting = (status: WebhookStatus) =>
          webhookEvent.findMany({ where: { ...scopeWhere(scope), status, availableAt: { lte: at } }, ...page })
        // A query per status, each of which is a walk along the index; an OR over all of them would be sorted.
        const rows = [
          ...(await waiting('received')),
          ...(await waiting('failed')),
          ...(await webhookEvent.findMany({
            where: { ...scopeWhere(scope), status: 'processing', claimExpiresAt: { lt: expired } },
            ...page,
          })),
        ]
        return rows
          .filter((row) => isInScope(scope, row.tenantId))
          .sort((a, b) => waitingSince(a) - waitingSince(b) || (a.id < b.id ? -1 : 1))
          .slice(0, limit)
          .map(({ tenantId, id }) => ({ tenantId, id }))
      }),
  }
}

function waitingSince(row: Pick<WebhookEvent, 'availableAt' | 'createdAt'>): number {
  return (row.availableAt ?? row.createdAt).getTime()
}

/** A payload of JSON null is left out: stored as SQL NULL, and read back as null. */
function toInput<T extends TenantId>({ payload, ...event }: WebhookEvent<T>): WebhookEventInput<T> {
  return {
    ...storableText(event),
    ...(payload !== null && { payload }),
    // A copy of exactly these bytes: a Buffer may be a window on a larger pool.
    rawBody: new Uint8Array(event.rawBody),
  }
}

function toWebhookEvent<T extends TenantId>(row: WebhookEventRow<T>): WebhookEvent<T> {
  return {
    ...row,
    // Nothing but JSON, an object and a status of ours is ever written to these columns.
    payload: row.payload as Json,
    headers: row.headers as JsonObject,
    status: row.status as WebhookStatus,
  }
}

import { type HandledTypes, isHandledType } from '../../core/domain/handled-types.ts'
import { isInScope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import type { WebhookEvent, WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { WebhookEventRef, WebhookEventRepository } from '../../core/ports/webhook-event-repository.ts'
import { fairDeliveries } from '../kit/fair-deliveries.ts'
import { claimLost, foreignDelivery } from '../kit/refusals.ts'
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
import { copyRecord } from './copy-record.ts'
import { isLeaseFree } from './is-lease-free.ts'
import type { MemoryState, RunStep } from './memory-state.ts'
import { pageOf } from './page-of.ts'

const claimable: readonly WebhookStatus[] = ['received', 'failed', 'dead', 'unhandled']

/** Webhook deliveries in memory. */
export function memoryWebhookEvents<T extends TenantId>(run: RunStep<T>): WebhookEventRepository<T> {
  return {
    insertIfAbsent: (event) =>
      run((state) => {
        const stored = state.webhookEvents.get(state.webhookKeys.get(deliveryKey(event)) ?? '')
        if (stored === undefined) return { isNew: true, event: copyRecord(insert(state, event)) }
        if (!isInScope(tenantScope(event.tenantId), stored.tenantId)) throw foreignDelivery(event.connectionId)
        const seenAgain = write(state, { ...stored, deliveries: stored.deliveries + 1 })
        return { isNew: false, event: copyRecord(seenAgain) }
      }),

    keepRejected: (event, { since, limit }) =>
      run((state) => {
        const kept = rowsOf(state).filter(
          (row) => row.status === 'rejected' && row.connectionId === event.connectionId && row.createdAt >= since,
        )
        const owner = state.connections.get(event.connectionId)
        const isOwned = owner !== undefined && isInScope(tenantScope(event.tenantId), owner.tenantId)
        if (!isOwned || kept.length >= limit) return false
        insert(state, event)
        return true
      }),

    find: ({ scope, id }) =>
      run((state) => {
        const row = state.webhookEvents.get(id)
        return row === undefined || !isInScope(scope, row.tenantId) ? null : copyRecord(row)
      }),

    list: ({ scope, filter, ...request }) =>
      run((state) => {
        const rows = rowsOf(state).filter(
          (row) =>
            isInScope(scope, row.tenantId) &&
            (filter.connectionId === undefined || row.connectionId === filter.connectionId) &&
            (filter.provider === undefined || row.provider === filter.provider) &&
            (filter.eventType === undefined || row.eventType === filter.eventType) &&
            (filter.status === undefined || row.status === filter.status) &&
            (filter.signatureValid === undefined || row.signatureValid === filter.signatureValid) &&
            (filter.idempotencyKey === undefined || row.idempotencyKey === filter.idempotencyKey),
        )
        return pageOf(rows, request, 'descending')
      }),

    claim: (ref, { at, leaseMs, handled }) =>
      run((state) => {
        const row = owned(state, ref)
        if (row === null || !isClaimable(row) || isHeld(rowsOf(state), row, handled)) return null
        const claimExpiresAt = new Date(at.getTime() + leaseMs)
        const claimed = write(state, { ...row, status: 'processing', attempts: row.attempts + 1, claimExpiresAt })
        return copyRecord(claimed)
      }),

    complete: (ref, ending) =>
      run((state) => {
        write(state, { ...claimed(state, ref, ending.attempt), ...processedEvent(ending) })
      }),

    markUnhandled: (ref) =>
      run((state) => {
        const row = owned(state, ref)
        if (row?.status === 'received') write(state, { ...row, status: 'unhandled' })
      }),

    retryLater: (ref, ending) =>
      run((state) => {
        write(state, { ...claimed(state, ref, ending.attempt), ...retriedEvent(ending) })
      }),

    deadLetter: (ref, ending) =>
      run((state) => {
        write(state, { ...claimed(state, ref, ending.attempt), ...deadEvent(ending) })
      }),

    requeue: (ref, start) =>
      run((state) => {
        const row = owned(state, ref)
        if (row === null || !requeueable.includes(row.status) || row.purgedAt !== null) return null
        return copyRecord(write(state, { ...row, ...requeuedEvent(start) }))
      }),

    abandon: (ref, failure) =>
      run((state) => {
        const row = owned(state, ref)
        if (row === null || !abandonable.includes(row.status)) return null
        return copyRecord(write(state, { ...row, ...deadEvent(failure) }))
      }),

    purge: ({ before, at, limit }) =>
      run((state) => {
        const old = rowsOf(state).filter(
          ({ status, purgedAt, createdAt }) => purgeable.includes(status) && purgedAt === null && createdAt < before,
        )
        for (const row of old.slice(0, limit)) write(state, { ...row, ...purgedEvent({ at }) })
        return Math.min(old.length, limit)
      }),

    prune: ({ purgedBefore, rejectedBefore, limit }) =>
      run((state) => {
        const old = rowsOf(state).filter(({ status, purgedAt, createdAt }) =>
          status === 'rejected' ? createdAt < rejectedBefore : purgedAt !== null && purgedAt < purgedBefore,
        )
        for (const row of old.slice(0, limit)) {
          state.webhookEvents.delete(row.id)
          state.webhookKeys.delete(deliveryKey(row))
        }
        return Math.min(old.length, limit)
      }),

    due: ({ scope, at, clockSkewMs, limit, perTenant, handled }) =>
      fairDeliveries({
        fetch: (except: readonly T[]) =>
          run((state) => {
            const rows = rowsOf(state)
            return rows.filter(
              (row) =>
                isInScope(scope, row.tenantId) &&
                !except.includes(row.tenantId) &&
                isHandledType(handled, row.eventType) &&
                isDue(row, at, clockSkewMs) &&
                !isHeld(rows, row, handled),
            )
          }),
        limit,
        perTenant,
      }),
  }
}

const waiting: readonly WebhookStatus[] = ['received', 'unhandled', 'failed']

function isClaimable({ purgedAt, status }: WebhookEvent): boolean {
  return purgedAt === null && claimable.includes(status)
}

function isDue(row: WebhookEvent, at: Date, clockSkewMs: number): boolean {
  if (row.status === 'processing')
    return row.claimExpiresAt !== null && isLeaseFree(row.claimExpiresAt, at, clockSkewMs)
  return waiting.includes(row.status) && row.availableAt !== null && row.availableAt <= at
}

/** Whether a delivery has to wait for another one with its order key. */
function isHeld(rows: readonly WebhookEvent[], row: WebhookEvent, handled: HandledTypes): boolean {
  if (row.orderKey === null || row.status === 'processing') return false
  return rows.some(({ id, orderKey, status, eventType }) => {
    if (orderKey !== row.orderKey || id === row.id) return false
    if (status === 'processing') return true
    if (id > row.id) return false
    return (
      status === 'failed' || ((status === 'received' || status === 'unhandled') && isHandledType(handled, eventType))
    )
  })
}

function rowsOf<T extends TenantId>(state: MemoryState<T>): WebhookEvent<T>[] {
  return Array.from(state.webhookEvents.entries(), ([, row]) => row)
}

function owned<T extends TenantId>(state: MemoryState<T>, ref: WebhookEventRef<T>): WebhookEvent<T> | null {
  const row = state.webhookEvents.get(ref.id)
  return row !== undefined && isInScope({ kind: 'tenant', tenantId: ref.tenantId }, row.tenantId) ? row : null
}

/** The row; throws unless it is processed under this attempt. */
function claimed<T extends TenantId>(state: MemoryState<T>, ref: WebhookEventRef<T>, attempt: number): WebhookEvent<T> {
  const row = owned(state, ref)
  if (row === null || row.status !== 'processing' || row.attempts !== attempt) {
    throw claimLost(ref, attempt)
  }
  return row
}

function insert<T extends TenantId>(state: MemoryState<T>, event: WebhookEvent<T>): WebhookEvent<T> {
  state.webhookKeys.set(deliveryKey(event), event.id)
  return write(state, event)
}

function write<T extends TenantId>(state: MemoryState<T>, row: WebhookEvent<T>): WebhookEvent<T> {
  const written = copyRecord(row)
  state.webhookEvents.set(row.id, written)
  return written
}

function deliveryKey(event: WebhookEvent): string {
  return JSON.stringify([event.connectionId, event.idempotencyKey])
}

import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { WebhookEvent } from '../../../src/core/domain/webhook-event.ts'
import type { WebhookEventRepository } from '../../../src/core/ports/webhook-event-repository.ts'
import type { Saboteur } from './saboteur.ts'

function webhookEvents(
  mistake: string,
  caughtBy: readonly string[],
  change: (good: WebhookEventRepository<string>) => Partial<WebhookEventRepository<string>>,
): Saboteur {
  return {
    mistake,
    caughtBy: caughtBy.map((id) => `webhook-events/${id}`),
    sabotage: (good) => ({ ...good, webhookEvents: { ...good.webhookEvents, ...change(good.webhookEvents) } }),
  }
}

function columns(
  mistake: string,
  caughtBy: readonly string[],
  store: (event: WebhookEvent<string>) => Partial<WebhookEvent<string>>,
): Saboteur {
  return webhookEvents(mistake, caughtBy, (good) => ({
    insertIfAbsent: (event) => good.insertIfAbsent({ ...event, ...store(event) }),
  }))
}

async function withKey(good: WebhookEventRepository<string>, event: WebhookEvent<string>) {
  const filter = { connectionId: event.connectionId }
  const { items } = await good.list({ scope: operatorScope, filter, limit: 1_000 })
  return items.find((row) => row.idempotencyKey.startsWith(event.idempotencyKey))
}

export const webhookEventSaboteurs: readonly Saboteur[] = [
  webhookEvents('insertIfAbsent looks for the key, then inserts', ['insert-if-absent/one-winner'], (good) => ({
    insertIfAbsent: async (event) => {
      if (await withKey(good, event)) return good.insertIfAbsent(event)
      return good.insertIfAbsent({ ...event, idempotencyKey: `${event.idempotencyKey} ${event.id}` })
    },
  })),

  webhookEvents('a duplicate overwrites the status', ['insert-if-absent/duplicate'], (good) => ({
    insertIfAbsent: async (event) => {
      const outcome = await good.insertIfAbsent(event)
      return outcome.isNew ? outcome : { ...outcome, event: { ...outcome.event, status: 'received' } }
    },
  })),

  webhookEvents('a duplicate is not counted', ['insert-if-absent/duplicate', 'insert-if-absent/one-winner'], (good) => {
    const seen = new Set<string>()
    return {
      insertIfAbsent: async (event) => {
        const key = JSON.stringify([event.connectionId, event.idempotencyKey])
        const stored = seen.has(key) ? await withKey(good, event) : undefined
        seen.add(key)
        return stored === undefined ? good.insertIfAbsent(event) : { isNew: false, event: stored }
      },
    }
  }),

  webhookEvents('keys are unique across connections', ['insert-if-absent/per-connection'], (good) => {
    const first = new Map<string, WebhookEvent<string>>()
    return {
      insertIfAbsent: async (event) => {
        const stored = first.get(event.idempotencyKey)
        if (stored !== undefined) return { isNew: false, event: stored }
        first.set(event.idempotencyKey, event)
        return good.insertIfAbsent(event)
      },
    }
  }),

  columns('the raw body is kept as text', ['insert-if-absent/raw-bytes'], ({ rawBody }) => ({
    rawBody: new TextEncoder().encode(new TextDecoder().decode(rawBody)),
  })),
  columns('the whole buffer behind the bytes is stored', ['insert-if-absent/raw-bytes'], ({ rawBody }) => ({
    rawBody: new Uint8Array(rawBody.buffer.slice(0)),
  })),
  columns('a falsy payload is dropped', ['insert-if-absent/payload-false'], ({ payload }) => ({
    payload: payload || null,
  })),
  columns('the payload null becomes an object', ['insert-if-absent/payload-null'], ({ payload }) => ({
    payload: payload ?? {},
  })),
  columns('only the first level of a payload is kept', ['insert-if-absent/payload-nested'], ({ payload }) => ({
    payload: typeof payload === 'object' && payload !== null ? Object.keys(payload) : payload,
  })),
  columns('a payload is spread into an object', ['insert-if-absent/payload-scalar'], ({ payload }) => ({
    payload: typeof payload === 'string' ? { ...payload.split('') } : payload,
  })),
  columns('instants are cut to the second', ['insert-if-absent/round-trip'], ({ createdAt }) => ({
    createdAt: new Date(Math.floor(createdAt.getTime() / 1_000) * 1_000),
  })),

  webhookEvents('rejected deliveries are kept without limit', ['keep-rejected/quota'], (good) => ({
    keepRejected: (event, quota) => good.keepRejected(event, { ...quota, limit: 1_000_000 }),
  })),

  webhookEvents('claim looks whether the delivery is free, then believes to have it', ['claim/one-winner'], (good) => ({
    claim: async (ref, claim) => {
      const before = await good.find({ scope: operatorScope, id: ref.id })
      const claimed = await good.claim(ref, claim)
      if (claimed !== null || before === null || before.status === 'processing') return claimed
      return { ...before, status: 'processing', attempts: before.attempts + 1 }
    },
  })),

  webhookEvents('a claim that expired is taken over', ['claim/no-takeover', 'order/crashed'], (good) => ({
    claim: async (ref, claim) => {
      const claimed = await good.claim(ref, claim)
      const row = await good.find({ scope: operatorScope, id: ref.id })
      const isExpired = row?.status === 'processing' && row.claimExpiresAt !== null && row.claimExpiresAt < claim.at
      return claimed ?? (isExpired ? { ...row, attempts: row.attempts + 1 } : null)
    },
  })),

  webhookEvents('complete carries no attempt', ['all/stale-attempt'], (good) => ({
    complete: async (ref, end) => {
      const row = await good.find({ scope: operatorScope, id: ref.id })
      await good.complete(ref, { ...end, attempt: row?.attempts ?? 0 })
    },
  })),

  webhookEvents('the end of a claim checks, then writes', ['complete/one-winner'], (good) => ({
    complete: async (ref, end) => {
      const row = await good.find({ scope: operatorScope, id: ref.id })
      if (row?.attempts === end.attempt) await good.complete(ref, end).catch(() => {})
    },
  })),

  webhookEvents(
    'reads forget the tenant',
    ['find/scopes', 'list/filters', 'due/scopes', 'all/exact-tenant'],
    (good) => ({
      find: (query) => good.find({ ...query, scope: operatorScope }),
      list: (query) => good.list({ ...query, scope: operatorScope }),
      due: (query) => good.due({ ...query, scope: operatorScope }),
    }),
  ),

  webhookEvents('claim matches the id alone', ['all/foreign-tenant', 'all/exact-tenant'], (good) => ({
    claim: async (ref, claim) => {
      const row = await good.find({ scope: operatorScope, id: ref.id })
      return good.claim(row ?? ref, claim)
    },
  })),

  webhookEvents(
    'claim looks whose delivery it is after it took it',
    ['all/foreign-tenant', 'all/exact-tenant'],
    (good) => ({
      claim: async (ref, claim) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        const claimed = await good.claim(row ?? ref, claim)
        return claimed?.tenantId === ref.tenantId ? claimed : null
      },
    }),
  ),

  webhookEvents('due forgets what a crash left behind', ['due/rules'], (good) => ({
    due: (query) => good.due({ ...query, clockSkewMs: Number.MAX_SAFE_INTEGER }),
  })),

  webhookEvents('due gives what others handle', ['due/handled'], (good) => ({
    due: (query) => good.due({ ...query, handled: 'all' }),
  })),

  webhookEvents('who waits longest gets everything', ['due/fair'], (good) => ({
    due: (query) => good.due({ ...query, perTenant: query.limit }),
  })),

  webhookEvents('shares are given out among the first deliveries only', ['due/fair'], (good) => ({
    due: async (query) => {
      const front = await good.due({ ...query, perTenant: query.limit })
      const within = front.filter(
        (row, index) =>
          front.slice(0, index).filter(({ tenantId }) => tenantId === row.tenantId).length < query.perTenant,
      )
      return [...within, ...front.filter((row) => !within.includes(row))]
    },
  })),

  webhookEvents('an unhandled delivery is ended', ['mark-unhandled/stays-due'], (good) => ({
    markUnhandled: async (ref) => {
      const row = await good.claim(ref, { at: new Date(0), leaseMs: 0, handled: 'all' })
      if (row !== null) await good.complete(ref, { attempt: row.attempts, at: new Date(0) })
    },
  })),

  webhookEvents('due follows the id', ['due/order'], (good) => ({
    due: async (query) => [...(await good.due(query))].sort((a, b) => (a.id < b.id ? -1 : 1)),
  })),
]

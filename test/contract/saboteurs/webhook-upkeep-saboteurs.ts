import { operatorScope } from '../../../src/core/domain/tenant.ts'
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

/** Says what a first call found to all that come at once. */
function together(count: () => Promise<number>): () => Promise<number> {
  let running: Promise<number> | null = null
  return () => {
    running ??= count().finally(() => {
      running = null
    })
    return running
  }
}

export const webhookUpkeepSaboteurs: readonly Saboteur[] = [
  webhookEvents('a delivery that begins anew counts its attempts from 1', ['requeue/stale-attempt'], (good) => {
    const before = new Map<string, number>()
    const from = (id: string) => before.get(id) ?? 0
    return {
      requeue: async (ref, start) => {
        const row = await good.requeue(ref, start)
        if (row !== null) before.set(ref.id, row.attempts)
        return row
      },
      complete: (ref, end) => good.complete(ref, { ...end, attempt: end.attempt + from(ref.id) }),
    }
  }),

  webhookEvents('requeue forgets that it failed before', ['requeue/begins-anew'], (good) => ({
    requeue: async (ref, start) => {
      const row = await good.requeue(ref, start)
      return row === null ? null : { ...row, failureCount: 9 }
    },
  })),

  webhookEvents(
    'abandon looks at the delivery, then gives it up whatever became of it',
    ['abandon/one-winner'],
    (good) => ({
      abandon: async (ref, failure) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        const isFree = row !== null && ['received', 'failed', 'unhandled'].includes(row.status)
        if (!isFree) return good.abandon(ref, failure)
        return (await good.abandon(ref, failure)) ?? { ...row, ...failure, status: 'dead' }
      },
    }),
  ),

  webhookEvents('purge counts what it was about to do', ['purge/one-winner'], (good) => {
    const calls = new Map<number, () => Promise<number>>()
    return {
      purge: (query) => {
        const call = calls.get(query.limit) ?? together(() => good.purge(query))
        calls.set(query.limit, call)
        return call()
      },
    }
  }),

  webhookEvents('a body is removed for good with its key', ['purge/still-known'], (good) => ({
    purge: async (query) => {
      const count = await good.purge(query)
      await good.prune({ purgedBefore: new Date(8e15), rejectedBefore: new Date(0), limit: query.limit })
      return count
    },
  })),

  webhookEvents('prune counts what it was about to remove', ['prune/one-winner'], (good) => {
    const calls = new Map<number, () => Promise<number>>()
    return {
      prune: (query) => {
        const call = calls.get(query.limit) ?? together(() => good.prune(query))
        calls.set(query.limit, call)
        return call()
      },
    }
  }),
]

import { isHandledType } from '../../../src/core/domain/handled-types.ts'
import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { WebhookEvent } from '../../../src/core/domain/webhook-event.ts'
import type { WebhookClaim, WebhookEventRepository } from '../../../src/core/ports/webhook-event-repository.ts'
import type { Saboteur } from './saboteur.ts'

type Good = WebhookEventRepository<string>

/** A store that knows no order keys, with what whoever builds one upon it may think of. */
function unordered(
  mistake: string,
  caughtBy: readonly string[],
  change: (
    good: Good,
    isHeld: (row: WebhookEvent<string>, handled: WebhookClaim['handled']) => Promise<boolean>,
  ) => Partial<Good>,
): Saboteur {
  return {
    mistake,
    caughtBy: caughtBy.map((id) => `webhook-events/order/${id}`),
    sabotage: (repositories) => {
      const good = repositories.webhookEvents
      const keys = new Map<string, string | null>()
      const isHeld = async (row: WebhookEvent<string>, handled: WebhookClaim['handled']) => {
        const key = keys.get(row.id) ?? null
        if (key === null || row.status === 'processing') return false
        const filter = { connectionId: row.connectionId }
        const { items } = await good.list({ scope: operatorScope, filter, limit: 1_000 })
        return items.some(({ id, status, eventType }) => {
          if (id === row.id || keys.get(id) !== key) return false
          if (status === 'processing') return true
          const isOpen = ['received', 'unhandled'].includes(status) && isHandledType(handled, eventType)
          return id < row.id && (status === 'failed' || isOpen)
        })
      }
      const insertIfAbsent: Good['insertIfAbsent'] = (event) => {
        keys.set(event.id, event.orderKey)
        return good.insertIfAbsent({ ...event, orderKey: null })
      }
      return { ...repositories, webhookEvents: { ...good, insertIfAbsent, ...change(good, isHeld) } }
    },
  }
}

function ordered(mistake: string, caughtBy: readonly string[], change: (good: Good) => Partial<Good>): Saboteur {
  return {
    mistake,
    caughtBy: caughtBy.map((id) => `webhook-events/order/${id}`),
    sabotage: (good) => ({ ...good, webhookEvents: { ...good.webhookEvents, ...change(good.webhookEvents) } }),
  }
}

export const orderSaboteurs: readonly Saboteur[] = [
  unordered(
    'order keys are of no account',
    ['waits', 'unhandled', 'later-one-begun', 'crashed', 'one-winner'],
    () => ({}),
  ),

  unordered('claim looks for others with the order key, then takes the delivery', ['one-winner'], (good, isHeld) => ({
    claim: async (ref, claim) => {
      const row = await good.find({ scope: operatorScope, id: ref.id })
      return row === null || (await isHeld(row, claim.handled)) ? null : good.claim(ref, claim)
    },
  })),

  unordered('due sorts out what waits after it has counted', ['not-in-the-way'], (good, isHeld) => ({
    due: async (query) => {
      const refs = await good.due(query)
      const held = await Promise.all(
        refs.map(async ({ id }) => {
          const row = await good.find({ scope: operatorScope, id })
          return row !== null && isHeld(row, query.handled)
        }),
      )
      return refs.filter((_, index) => held[index] === false)
    },
  })),

  ordered('what nobody handles holds up what comes after it', ['unhandled'], (good) => ({
    claim: (ref, claim) => good.claim(ref, { ...claim, handled: 'all' }),
  })),

  ordered('what a crash left behind waits for those before it', ['crashed'], (good) => ({
    due: async (query) => {
      const rows = await good.due(query)
      const { items } = await good.list({ scope: query.scope, filter: {}, limit: 1_000 })
      const isFirst = (row: (typeof rows)[number]) =>
        items.every(({ id, orderKey }) => orderKey !== row.orderKey || id >= row.id)
      return rows.filter((row) => row.status !== 'processing' || isFirst(row))
    },
  })),

  ordered('whatever waits with one order key waits for ever once one is dead', ['waits'], (good) => {
    const dead = new Set<string | null>()
    return {
      deadLetter: async (ref, end) => {
        dead.add((await good.find({ scope: operatorScope, id: ref.id }))?.orderKey ?? null)
        await good.deadLetter(ref, end)
      },
      claim: async (ref, claim) => {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        return dead.has(row?.orderKey ?? null) ? null : good.claim(ref, claim)
      },
    }
  }),

  ordered('all deliveries of a connection are one order', ['others'], (good) => ({
    claim: async (ref, claim) => {
      const row = await good.find({ scope: operatorScope, id: ref.id })
      const filter = { connectionId: row?.connectionId ?? '', status: 'processing' } as const
      const { items } = await good.list({ scope: operatorScope, filter, limit: 1 })
      return items.length === 0 ? good.claim(ref, claim) : null
    },
  })),
]

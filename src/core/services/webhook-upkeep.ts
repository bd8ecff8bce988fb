import { bodyPurged } from '../domain/body-purged.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { storableText } from '../domain/storable-text.ts'
import { operatorScope, type Scope, type TenantId } from '../domain/tenant.ts'
import { toWebhookEventView, type WebhookEvent, type WebhookEventView } from '../domain/webhook-event.ts'
import type { Clock } from '../ports/clock.ts'
import type { WebhookEventFilter, WebhookEventRepository } from '../ports/webhook-event-repository.ts'
import type { OperatorWebhookVerbs } from '../webhook-verbs.ts'
import { checkFields, type FieldCheck, text } from './check-fields.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'

const dayMs = 24 * 3_600_000
const longestAgeMs = 36_500 * dayMs
/** Rows that one statement changes or removes: short locks, however much there is to do. */
const batch = 500
const maxReasonLength = 2_000

const age: FieldCheck = {
  is: (value) => typeof value === 'number' && value >= 0 && value <= longestAgeMs,
  mustBe: '0 or more milliseconds, at most 100 years',
}
const pruneFields = { bodiesOlderThanMs: age, keysOlderThanMs: age } satisfies Record<string, FieldCheck>

/** What people do with deliveries that are stored: begin anew, give up, clean up. */
export interface WebhookUpkeep<T extends TenantId> {
  readonly replay: (event: WebhookEvent<T>) => Promise<WebhookEventView<T>>
  readonly replayAll: (
    scope: Scope<T>,
    filter: WebhookEventFilter,
  ) => Promise<{ readonly replayedCount: number; readonly skippedCount: number }>
  readonly skip: (event: WebhookEvent<T>, change?: { readonly reason?: string }) => Promise<WebhookEventView<T>>
  readonly prune: OperatorWebhookVerbs<AnyProvider, T>['prune']
}

/** The upkeep over the store. */
export function createWebhookUpkeep<T extends TenantId>({
  webhookEvents,
  copies,
  emitter,
  clock,
}: {
  readonly webhookEvents: WebhookEventRepository<T>
  readonly copies: Pick<GateCopies<T>, 'readFresh'>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
}): WebhookUpkeep<T> {
  const tellDead = async (event: WebhookEvent<T>, error: string) => {
    try {
      const connection = await copies.readFresh(operatorScope, event.connectionId)
      emitter.emit('webhook.dead', { ...eventBase(connection, clock.now()), event: toWebhookEventView(event), error })
    } catch (thrown) {
      // Without a connection there is nobody to tell.
      if (!isConnectorsError(thrown, 'CONNECTION_NOT_FOUND')) throw thrown
    }
  }

  return {
    replay: async (event) => {
      if (event.status === 'rejected') throw refused(event, 'was rejected: nobody knows who sent it')
      if (event.purgedAt !== null) throw bodyPurged(event.id)
      const replayed = await webhookEvents.requeue(event, { at: clock.now() })
      // It waits already, or somebody is at it.
      return toWebhookEventView(replayed ?? event)
    },

    replayAll: async (scope, filter) => {
      const { status = 'dead' } = filter
      if (!['dead', 'failed', 'unhandled', 'processed'].includes(status)) {
        const mistake = `webhooks.replay takes dead, failed, unhandled or processed deliveries, not ${status} ones.`
        throw new ConnectorsError('INVALID_INPUT', mistake)
      }
      let replayedCount = 0
      let skippedCount = 0
      for (let after: string | null = null; ; ) {
        const page = await webhookEvents.list({ scope, filter: { ...filter, status }, after, limit: batch })
        for (const event of page.items) {
          const replayed = await webhookEvents.requeue(event, { at: clock.now() })
          if (replayed === null) skippedCount += 1
          else replayedCount += 1
        }
        if (page.next === null) return { replayedCount, skippedCount }
        after = page.next
      }
    },

    skip: async (event, change = {}) => {
      checkFields('The change of webhooks.skip', change, { reason: text })
      const error = storableText(change.reason ?? 'Skipped by hand.', maxReasonLength)
      const abandoned = await webhookEvents.abandon(event, { error, errorKind: 'skipped' })
      if (abandoned !== null) {
        await tellDead(abandoned, error)
        return toWebhookEventView(abandoned)
      }
      if (event.status === 'processed') throw refused(event, 'was processed')
      if (event.status === 'rejected') throw refused(event, 'was rejected')
      if (event.status === 'dead') return toWebhookEventView(event)
      throw new ConnectorsError(
        'CONFLICT',
        `Webhook event ${event.id} is being processed. Try again when that has ended.`,
      )
    },

    prune: async (options = {}) => {
      checkFields('The argument of webhooks.prune', options, pruneFields)
      const { bodiesOlderThanMs = 30 * dayMs, keysOlderThanMs = 400 * dayMs } = options
      if (keysOlderThanMs < bodiesOlderThanMs) {
        throw new ConnectorsError(
          'INVALID_INPUT',
          'webhooks.prune: keysOlderThanMs must not be less than bodiesOlderThanMs.',
        )
      }
      const at = clock.now()
      const before = new Date(at.getTime() - bodiesOlderThanMs)
      const purgedBefore = new Date(at.getTime() - (keysOlderThanMs - bodiesOlderThanMs))
      const inBatches = async (step: () => Promise<number>) => {
        for (let total = 0; ; ) {
          const count = await step()
          total += count
          if (count < batch) return total
        }
      }
      const removedCount = await inBatches(() =>
        webhookEvents.prune({ purgedBefore, rejectedBefore: before, limit: batch }),
      )
      const purgedCount = await inBatches(() => webhookEvents.purge({ before, at, limit: batch }))
      return { purgedCount, removedCount }
    },
  }
}

function refused({ id }: WebhookEvent, why: string): ConnectorsError {
  return new ConnectorsError('INVALID_INPUT', `Webhook event ${id} ${why}.`)
}

import type { ConnectionView } from '../core/domain/connection.ts'
import type { SyncStateView } from '../core/domain/sync-state.ts'
import type { WebhookEventView } from '../core/domain/webhook-event.ts'
import type { SharedVerbs } from './admin-connectors.ts'
import { type BoundedCount, countOf, sumOf } from './bounded-count.ts'

const mostConnections = 500
const mostSyncs = 100
/** Deliveries carry their bodies, so fewer of them are read. */
const mostWebhooks = 50
const mostListed = 5

/** How everything that is looked at is doing. */
export interface Health {
  readonly connections: {
    readonly operational: BoundedCount
    readonly paused: BoundedCount
    readonly disconnected: BoundedCount
    readonly disabled: BoundedCount
    /** Some that can't be used as they are, the most recent change first. */
    readonly worst: readonly ConnectionView[]
  }
  readonly failingSyncs: { readonly total: BoundedCount; readonly some: readonly SyncStateView[] }
  readonly webhooks: {
    /** Received, or to be tried again. */
    readonly waiting: BoundedCount
    readonly unhandled: BoundedCount
    readonly dead: BoundedCount
    readonly newestDead: readonly WebhookEventView[]
  }
}

/** Looks at everything, and counts up to a bound. */
export async function readHealth(
  { connections, sync, webhooks }: Pick<SharedVerbs, 'connections' | 'sync' | 'webhooks'>,
  now: Date,
): Promise<Health> {
  const ofState = (filter: { readonly isEnabled: boolean; readonly isConnected?: boolean }) =>
    connections.list(filter).page({ limit: mostConnections })
  const ofStatus = (status: 'received' | 'failed' | 'unhandled' | 'dead') =>
    webhooks.list({ status }).page({ limit: mostWebhooks })
  const [disabled, disconnected, connected, failing, received, failed, unhandled, dead] = await Promise.all([
    ofState({ isEnabled: false }),
    ofState({ isEnabled: true, isConnected: false }),
    ofState({ isEnabled: true, isConnected: true }),
    sync.states({ status: 'failed' }).page({ limit: mostSyncs }),
    ofStatus('received'),
    ofStatus('failed'),
    ofStatus('unhandled'),
    ofStatus('dead'),
  ])
  const paused = connected.items.filter(({ pausedUntil }) => pausedUntil !== null && pausedUntil > now)
  const { count, isMore } = countOf(connected)
  return {
    connections: {
      operational: { count: count - paused.length, isMore },
      paused: { count: paused.length, isMore: isMore && paused.length > 0 },
      disconnected: countOf(disconnected),
      disabled: countOf(disabled),
      worst: [...disabled.items, ...disconnected.items, ...paused]
        .sort((one, other) => other.updatedAt.getTime() - one.updatedAt.getTime())
        .slice(0, mostListed),
    },
    failingSyncs: {
      total: countOf(failing),
      some: failing.items.toSorted((one, other) => other.errorCount - one.errorCount).slice(0, mostListed),
    },
    webhooks: {
      waiting: sumOf(countOf(received), countOf(failed)),
      unhandled: countOf(unhandled),
      dead: countOf(dead),
      newestDead: dead.items.slice(0, mostListed),
    },
  }
}

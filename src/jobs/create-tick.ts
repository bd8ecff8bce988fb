import type { Connectors } from '../core/connectors.ts'
import type { JobQueue, QueuedJob } from '../core/domain/job.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import type { PruneOptions, TickOptions, TickResult } from '../core/job-verbs.ts'
import { makeJob } from './job-definitions.ts'

const dayMs = 24 * 3_600_000
const defaults = {
  executionsMs: 30 * dayMs,
  webhookBodiesMs: 30 * dayMs,
  webhookKeysMs: 400 * dayMs,
  everyMs: 3_600_000,
}

/** Looks for what is due and puts it into a queue. `isBusy` leaves out what could not be begun here anyway. */
export type Tick = (
  queue: JobQueue,
  options?: TickOptions & { readonly isBusy?: (job: QueuedJob) => boolean },
) => Promise<TickResult>

/**
 * Makes the tick. Fairness is here: rows come in fair order, and never more of them than twice the free slots, so that what
 * waits in the queue is begun soon, and who comes next is decided late.
 */
export function createTick<T extends TenantId>(
  { credentials, sync, webhooks, executions, oauth }: Connectors<AnyProvider, T>['operator'],
  now: () => Date,
): Tick {
  let lastPruneAt = Number.NEGATIVE_INFINITY

  const prune = async (options: PruneOptions | false): Promise<number> => {
    if (options === false) return 0
    const { executionsMs, webhookBodiesMs, webhookKeysMs, everyMs } = { ...defaults, ...options }
    const at = now().getTime()
    if (at - lastPruneAt < everyMs) return 0
    lastPruneAt = at
    // Consents that nobody came back from are of no use to anybody.
    let count = (await oauth.prune()).removedCount
    if (executionsMs !== false) count += await executions.prune({ olderThanMs: executionsMs })
    if (webhookBodiesMs !== false) {
      const keysOlderThanMs = Math.max(webhookKeysMs, webhookBodiesMs)
      const pruned = await webhooks.prune({ bodiesOlderThanMs: webhookBodiesMs, keysOlderThanMs })
      count += pruned.purgedCount + pruned.removedCount
    }
    return count
  }

  const dueJobs = async (room: number, waitingCount: number, perTenant: number): Promise<readonly QueuedJob[]> => {
    // What waits in the queue already is still due.
    const limit = room + waitingCount
    const refreshes = (await credentials.due({ limit })).map(({ tenantId, connectionId }) =>
      makeJob('credentials.refresh', { tenant: String(tenantId), connectionId }),
    )
    const deliveries = await webhooks.due({ limit, perTenant })
    const syncs = await sync.due({ limit, perTenant })
    // However many tokens end at once, half of the room is left to the rest.
    const half = Math.ceil(room / 2)
    return [
      ...refreshes.slice(0, half),
      ...deliveries.map(({ tenantId, eventId }) => makeJob('webhook.process', { tenant: String(tenantId), eventId })),
      ...syncs.map(({ tenantId, connectionId, resource, isFull }) =>
        makeJob(isFull ? 'sync.full' : 'sync.incremental', { tenant: String(tenantId), connectionId, resource }),
      ),
      ...refreshes.slice(half),
    ]
  }

  return async (queue, { slots = 10, perTenant, prune: pruneOptions = {}, isBusy = () => false } = {}) => {
    const waitingCount = await queue.waitingCount()
    const room = Math.max(0, 2 * slots - waitingCount)
    let queuedCount = 0
    if (room > 0) {
      const share = perTenant ?? Math.max(1, Math.ceil((room + waitingCount) / 4))
      for (const job of await dueJobs(room, waitingCount, share)) {
        if (queuedCount >= room) break
        if (isBusy(job)) continue
        if ((await queue.enqueue(job)) === 'queued') queuedCount += 1
      }
    }
    return { queuedCount, prunedCount: await prune(pruneOptions) }
  }
}

import type { Connectors } from '../core/connectors.ts'
import type { JobQueue } from '../core/domain/job.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import type { JobVerbs } from '../core/job-verbs.ts'
import { createEnqueue } from './create-enqueue.ts'
import { createHealth } from './create-health.ts'
import { createTick } from './create-tick.ts'
import { createWorker } from './create-worker.ts'
import { createRunJob } from './run-job.ts'
import type { Timer } from './timer.ts'

/** The verbs on jobs, over the facade and a queue. */
export function createJobVerbs<T extends TenantId>(
  connectors: Pick<Connectors<AnyProvider, T>, 'forTenant' | 'operator'>,
  {
    queue,
    now,
    timer,
    report,
  }: {
    readonly queue: JobQueue
    readonly now: () => Date
    readonly timer: Timer
    readonly report: (error: unknown, message: string) => void
  },
): JobVerbs<AnyProvider, T> {
  const { operator } = connectors
  const tick = createTick(operator, now)
  return {
    enqueue: createEnqueue(connectors, queue, report),
    tick: (options) => tick(queue, options),
    work: ({ queue: named = queue, ...options } = {}) => {
      const { concurrency, prune } = options
      const whole = { ...(concurrency !== undefined && { slots: concurrency }), ...(prune !== undefined && { prune }) }
      const runJob = createRunJob(operator, () => tick(named, whole))
      return createWorker({ queue: named, runJob, tick, timer, report }, options)
    },
    health: createHealth(operator, queue),
  }
}

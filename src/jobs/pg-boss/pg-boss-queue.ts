import { randomBytes } from 'node:crypto'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { JobConsumer, JobEnd, JobQueue, QueuedJob } from '../../core/domain/job.ts'
import type { PgBossJob, PgBossLike } from './pg-boss-like.ts'

export type { PgBossJob, PgBossLike } from './pg-boss-like.ts'

/** How to use it. */
export interface PgBossQueueOptions {
  /** The queue in pg-boss; it is made if it isn't there. Default `bapp-connectors`. */
  readonly queueName?: string
  /** Milliseconds between two looks for jobs, when there were none. Default 500. */
  readonly pollMs?: number
  /** Milliseconds before a call that failed or was given back comes again; more the second time. Default 30,000. */
  readonly retryMs?: number
}

/**
 * Jobs in PostgreSQL, by pg-boss. The instance is yours: start it first, and stop it last.
 *
 * @example
 * const boss = new PgBoss(process.env.DATABASE_URL)
 * await boss.start()
 * const connectors = createConnectors(repositories, { …, queue: pgBossQueue(boss) })
 */
export function pgBossQueue(boss: PgBossLike, options: PgBossQueueOptions = {}): JobQueue {
  const { queueName = 'bapp-connectors', pollMs = 500, retryMs = 30_000 } = options
  let made: Promise<unknown> | null = null
  const wakes = new Set<() => void>()
  const wake = () => {
    for (const up of wakes) up()
  }

  const reach = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      // `short`: of the jobs with one key that wait, one is kept.
      made ??= boss.createQueue(queueName, { name: queueName, policy: 'short' })
      await made
      return await work()
    } catch (cause) {
      // Whoever dropped it may have dropped all of it.
      made = null
      throw new ConnectorsError('QUEUE_UNAVAILABLE', 'pg-boss could not be used: see the cause.', { cause })
    }
  }

  const idle = (ms: number) =>
    new Promise<void>((resolve) => {
      const up = () => {
        clearTimeout(timer)
        wakes.delete(up)
        resolve()
      }
      const timer = setTimeout(up, ms)
      wakes.add(up)
    })

  return {
    engine: 'pg-boss',
    isShared: true,
    enqueue: async (job) => {
      const id = await reach(() =>
        boss.send(queueName, job, {
          priority: job.priority,
          // Under this policy jobs without a key count as having the same.
          singletonKey: job.key ?? randomBytes(16).toString('hex'),
          retryLimit: job.isOnlyHere ? 2 : 0,
          retryDelay: Math.ceil(retryMs / 1_000),
          retryBackoff: true,
          expireInSeconds: Math.ceil(job.expireMs / 1_000),
        }),
      )
      wake()
      return id === null ? 'duplicate' : 'queued'
    },
    waitingCount: () => reach(() => boss.getQueueSize(queueName)),
    consume: async (run, { concurrency }): Promise<JobConsumer> => {
      await reach(async () => {})
      const running = new Set<Promise<void>>()
      let isStopped = false

      const end = async (id: string, outcome: JobEnd) => {
        // If this fails, the job expires: one that is only there is handed out again, all others are in their rows.
        const settle = outcome === 'done' ? boss.complete : boss.fail
        await settle.call(boss, queueName, id).catch(() => {})
      }
      const begin = ({ id, data }: PgBossJob) => {
        // Only enqueue() above sends to this queue.
        const work = run(data as QueuedJob).then((outcome) => end(id, outcome))
        running.add(work)
        void work.finally(() => {
          running.delete(work)
          wake()
        })
      }
      const loop = async () => {
        while (!isStopped) {
          const batchSize = concurrency - running.size
          const jobs = batchSize > 0 ? await reach(() => boss.fetch(queueName, { batchSize })).catch(() => []) : []
          jobs.forEach(begin)
          if (jobs.length === 0 && !isStopped) await idle(pollMs)
        }
      }
      const looping = loop()
      return {
        stop: async () => {
          isStopped = true
          wake()
          await looping
          await Promise.all(running)
        },
      }
    },
    close: async () => {},
  }
}

import { randomBytes } from 'node:crypto'
import type { ConnectionOptions, Queue } from 'bullmq'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { JobConsumer, JobQueue, QueuedJob } from '../../core/domain/job.ts'

/** How to use it. */
export interface BullmqQueueOptions {
  /** Options of an ioredis client, e.g. `{ url: 'redis://…' }` or `{ host, port }`, or such a client: as BullMQ takes them. */
  readonly connection: object
  /** The queue in BullMQ. Default `bapp-connectors`. */
  readonly queueName?: string
  /** In front of every key. Default `bull`. */
  readonly prefix?: string
  /** Milliseconds after which a Redis that doesn't answer counts as away. Default 5,000. */
  readonly timeoutMs?: number
  /** Milliseconds for which a process may be silent before its jobs are taken for lost. Default 30,000. */
  readonly lockMs?: number
  /** Milliseconds before a call that failed or was given back comes again; doubled the second time. Default 30,000. */
  readonly retryMs?: number
  /** Told about errors of the connection, which is built up again by itself. */
  readonly onError?: (error: Error) => void
}

/**
 * Jobs in Redis, by BullMQ, which has to be installed beside this package.
 *
 * @example
 * createConnectors(repositories, { …, queue: bullmqQueue({ connection: { url: process.env.REDIS_URL } }) })
 */
export function bullmqQueue(options: BullmqQueueOptions): JobQueue {
  const {
    queueName = 'bapp-connectors',
    prefix = 'bull',
    timeoutMs = 5_000,
    lockMs = 30_000,
    retryMs = 30_000,
  } = options
  // Types of BullMQ in ours would not compile for whoever hasn't installed it; what it takes it checks itself.
  const connection = options.connection as ConnectionOptions
  const onError = (error: Error) => options.onError?.(error)
  let opened: Promise<Queue> | null = null

  const load = async () => {
    try {
      return await import('bullmq')
    } catch (cause) {
      throw new ConnectorsError('INVALID_OPTIONS', 'bullmqQueue needs BullMQ: npm install bullmq ioredis', { cause })
    }
  }
  const open = () => {
    opened ??= load().then(({ Queue: Made }) => {
      const queue = new Made(queueName, { connection, prefix })
      queue.on('error', onError)
      return queue
    })
    return opened
  }

  const reach = async <R>(work: (queue: Queue) => Promise<R>): Promise<R> => {
    const queue = await open()
    let timer: NodeJS.Timeout | undefined
    try {
      return await Promise.race([
        work(queue),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error(`no answer for ${timeoutMs} ms`)), timeoutMs)
        }),
      ])
    } catch (cause) {
      throw new ConnectorsError('QUEUE_UNAVAILABLE', 'BullMQ could not be used: see the cause.', { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    engine: 'bullmq',
    isShared: true,
    enqueue: async (job) => {
      const jobId = randomBytes(16).toString('hex')
      const added = await reach((queue) =>
        queue.add(job.name, job, {
          jobId,
          // There the smaller goes first.
          priority: 1_000 - job.priority,
          ...(job.key !== null && { deduplication: { id: job.key } }),
          attempts: job.isOnlyHere ? 3 : 1,
          backoff: { type: 'exponential', delay: retryMs },
          removeOnComplete: true,
          removeOnFail: job.isOnlyHere ? { age: 7 * 24 * 3_600 } : true,
        }),
      )
      return added.id === jobId ? 'queued' : 'duplicate'
    },
    waitingCount: () =>
      reach(async (queue) => {
        const counts = await queue.getJobCounts('waiting', 'prioritized')
        return (counts.waiting ?? 0) + (counts.prioritized ?? 0)
      }),
    consume: async (run, { concurrency }): Promise<JobConsumer> => {
      const { Worker } = await load()
      await reach((queue) => queue.waitUntilReady())
      const worker = new Worker<QueuedJob>(
        queueName,
        async (taken) => {
          // Only what waits is kept apart; the row keeps apart what runs.
          await taken.removeDeduplicationKey()
          if ((await run(taken.data)) === 'again') throw new Error('has to be done again')
        },
        { connection, prefix, concurrency, lockDuration: lockMs, stalledInterval: lockMs, maxStalledCount: 2 },
      )
      worker.on('error', onError)
      return { stop: () => worker.close() }
    },
    close: async () => {
      const queue = await opened?.catch(() => null)
      await queue?.close()
    },
  }
}

import type PQueue from 'p-queue'
import { ConnectorsError } from '../core/domain/errors.ts'
import type { JobConsumer, JobEnd, JobQueue, QueuedJob } from '../core/domain/job.ts'

/** How often a job that is in no row is handed out at most. */
const maxDeliveries = 3

/**
 * The queue of one process, in memory: the default. What is in a row survives the process; a call of an adapter doesn't, so
 * those that wait are made before the worker stops.
 */
export function inProcessQueue(options: { readonly maxWaiting?: number } = {}): JobQueue {
  const { maxWaiting = 10_000 } = options
  const keys = new Set<string>()
  let waitingCount = 0
  let opened: Promise<PQueue> | null = null
  let run: ((job: QueuedJob) => Promise<JobEnd>) | null = null
  let isClosed = false
  let isStopping = false

  const open = () => {
    opened ??= import('p-queue').then(({ default: Queue }) => new Queue({ autoStart: false, concurrency: 1 }))
    return opened
  }

  const put = (queue: PQueue, job: QueuedJob, delivery: number) => {
    waitingCount += 1
    const deliver = async () => {
      waitingCount -= 1
      if (job.key !== null) keys.delete(job.key)
      // It stays due, for whoever comes next.
      if (run === null || (isStopping && !job.isOnlyHere)) return
      const end = await run(job)
      if (end === 'again' && job.isOnlyHere && delivery < maxDeliveries) put(queue, job, delivery + 1)
    }
    void queue.add(deliver, { priority: job.priority })
  }

  return {
    engine: 'in-process',
    isShared: false,
    waitingCount: async () => waitingCount,
    enqueue: async (job) => {
      const queue = await open()
      if (isClosed) throw new ConnectorsError('CLOSED', 'The queue was closed.')
      if (job.key !== null && keys.has(job.key)) return 'duplicate'
      if (waitingCount >= maxWaiting) {
        throw new ConnectorsError('QUEUE_UNAVAILABLE', `The queue is full: ${maxWaiting} jobs wait.`)
      }
      if (job.key !== null) keys.add(job.key)
      put(queue, job, 1)
      return 'queued'
    },
    consume: async (work, { concurrency }): Promise<JobConsumer> => {
      const queue = await open()
      if (run !== null) {
        throw new ConnectorsError('INVALID_INPUT', 'Somebody works on this queue already. Drain that worker first.')
      }
      run = work
      isStopping = false
      queue.concurrency = concurrency
      queue.start()
      return {
        stop: async () => {
          isStopping = true
          await queue.onIdle()
          queue.pause()
          run = null
        },
      }
    },
    close: async () => {
      isClosed = true
      const queue = await opened
      queue?.clear()
    },
  }
}

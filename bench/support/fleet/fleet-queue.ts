import type { JobEnd, JobQueue, QueuedJob } from '../../../src/core/domain/job.ts'

/** An engine that all processes of the fleet share, and that hands out first what came first. It delivers at once. */
export function fleetQueue(): JobQueue {
  const waiting = new Map<string, QueuedJob>()
  const consumers: { free: number; readonly run: (job: QueuedJob) => Promise<JobEnd> }[] = []
  let turn = 0

  const handOut = () => {
    for (const [key, job] of waiting) {
      // In turn, so that no process has all the work.
      const order = [...consumers.slice(turn % consumers.length), ...consumers.slice(0, turn % consumers.length)]
      const consumer = order.find(({ free }) => free > 0)
      if (consumer === undefined) return
      turn += 1
      waiting.delete(key)
      consumer.free -= 1
      void consumer.run(job).finally(() => {
        consumer.free += 1
        handOut()
      })
    }
  }

  return {
    engine: 'simulated',
    isShared: true,
    enqueue: async (job) => {
      const key = job.key ?? crypto.randomUUID()
      if (waiting.has(key)) return 'duplicate'
      waiting.set(key, job)
      handOut()
      return 'queued'
    },
    waitingCount: async () => waiting.size,
    consume: async (run, { concurrency }) => {
      consumers.push({ free: concurrency, run })
      handOut()
      return { stop: async () => void consumers.splice(0) }
    },
    close: async () => {},
  }
}

import { randomBytes } from 'node:crypto'
import PgBoss from 'pg-boss'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { JobEnd, JobQueue, QueuedJob } from '../../src/core/domain/job.ts'
import { bullmqQueue } from '../../src/jobs/bullmq/bullmq-queue.ts'
import { inProcessQueue } from '../../src/jobs/in-process-queue.ts'
import { pgBossQueue } from '../../src/jobs/pg-boss/pg-boss-queue.ts'
import { emptyPostgresDatabase } from '../support/postgres-database.ts'
import { redisServer } from '../support/redis-server.ts'

const redis = await redisServer()
const needed = process.env.CI === 'true'

/** An engine of its own for each test, closed when that ends. */
const engines: Record<
  string,
  { readonly isThere: boolean; readonly why: string; readonly open: () => Promise<JobQueue> }
> = {
  'in-process': { isThere: true, why: '', open: async () => inProcessQueue() },
  'pg-boss': {
    isThere: true,
    why: '',
    open: async () => {
      const { url } = await emptyPostgresDatabase()
      const boss = new PgBoss(url)
      boss.on('error', () => {})
      await boss.start()
      onTestFinished(() => boss.stop({ graceful: false, wait: true }))
      return pgBossQueue(boss, { pollMs: 20 })
    },
  },
  bullmq: {
    isThere: redis.isThere || needed,
    why: redis.isThere ? '' : redis.reason,
    open: async () => {
      const url = redis.isThere ? redis.url : ''
      return bullmqQueue({ connection: { url }, prefix: `test-${randomBytes(6).toString('hex')}` })
    },
  },
}

function job(label: string, change: Partial<QueuedJob> = {}): QueuedJob {
  return { name: 'tick', key: label, priority: 10, data: { label }, expireMs: 60_000, isOnlyHere: false, ...change }
}

/** Takes jobs and notes which; `answer` says how each ends. */
async function take(
  queue: JobQueue,
  {
    concurrency = 1,
    answer = async () => 'done',
  }: { concurrency?: number; answer?: (label: string) => Promise<JobEnd> } = {},
) {
  const taken: string[] = []
  const looks = new Set<() => void>()
  const consumer = await queue.consume(
    async ({ data }) => {
      taken.push(String(data.label))
      for (const look of looks) look()
      return answer(String(data.label))
    },
    { concurrency },
  )
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= consumer.stop()
    return stopped
  }
  onTestFinished(stop)
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => taken.length >= count && resolve()
      looks.add(look)
      look()
    })
  return { taken, until, stop }
}

describe.each(Object.entries(engines))('%s', (name, { isThere, why, open }) => {
  const opened = async () => {
    const queue = await open()
    onTestFinished(() => queue.close())
    return queue
  }
  const title = (text: string) => (isThere ? text : `${text} (skipped: ${why})`)

  test.skipIf(!isThere)(title('hands out each job once, those of a higher priority first'), async () => {
    const queue = await opened()
    expect(queue.engine).toBe(name)
    for (const [label, priority] of [
      ['full', 10],
      ['sync', 20],
      ['webhook', 40],
      ['sync 2', 20],
    ] as const) {
      expect(await queue.enqueue(job(label, { priority }))).toBe('queued')
    }
    expect(await queue.waitingCount()).toBe(4)
    const { taken, until, stop } = await take(queue)
    await until(4)
    await stop()
    expect(taken).toEqual(['webhook', 'sync', 'sync 2', 'full'])
    expect(await queue.waitingCount()).toBe(0)
  })

  test.skipIf(!isThere)(
    title('keeps one of the jobs with one key that wait, and takes another while that runs'),
    async () => {
      const queue = await opened()
      expect(await queue.enqueue(job('a'))).toBe('queued')
      expect(await queue.enqueue(job('a'))).toBe('duplicate')
      expect(await queue.enqueue(job('b', { key: null }))).toBe('queued')
      expect(await queue.enqueue(job('b', { key: null }))).toBe('queued')
      let again: string | null = null
      const { taken, until, stop } = await take(queue, {
        answer: async (label) => {
          if (label === 'a' && again === null) again = await queue.enqueue(job('a'))
          return 'done'
        },
      })
      await until(4)
      await stop()
      expect(again).toBe('queued')
      expect(taken.toSorted()).toEqual(['a', 'a', 'b', 'b'])
    },
  )

  test.skipIf(!isThere)(title('runs as many at a time as it may'), async () => {
    const queue = await opened()
    for (let index = 0; index < 12; index += 1) await queue.enqueue(job(`j${index}`))
    let running = 0
    let most = 0
    const waiting: (() => void)[] = []
    const { until, stop } = await take(queue, {
      concurrency: 4,
      answer: async () => {
        running += 1
        most = Math.max(most, running)
        if (running < 4 && waiting.length < 3) await new Promise<void>((resolve) => waiting.push(resolve))
        else for (const go of waiting) go()
        running -= 1
        return 'done'
      },
    })
    await until(12)
    await stop()
    expect(most).toBe(4)
  })

  test.skipIf(!isThere)(title('takes no more after a stop, and waits for what runs'), async () => {
    const queue = await opened()
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    await queue.enqueue(job('first', { priority: 30 }))
    await queue.enqueue(job('second'))
    let ended = 0
    const { taken, until, stop } = await take(queue, {
      answer: async () => {
        await finished
        ended += 1
        return 'done'
      },
    })
    await until(1)
    const stopping = stop()
    finish()
    await stopping
    expect([taken, ended]).toEqual([['first'], 1])
  })

  test.skipIf(!isThere)(title('does not hand out again what is in a row, however it ended'), async () => {
    const queue = await opened()
    await queue.enqueue(job('row'))
    await queue.enqueue(job('next', { priority: 1 }))
    const { taken, until, stop } = await take(queue, { answer: async () => 'again' })
    await until(2)
    await stop()
    expect(taken).toEqual(['row', 'next'])
    expect(await queue.enqueue(job('row'))).toBe('queued')
  })
})

test('the queue of one process hands out again what is only there, three times at most', async () => {
  const queue = inProcessQueue()
  await queue.enqueue(job('call', { isOnlyHere: true }))
  const { taken, stop } = await take(queue, { answer: async () => 'again' })
  await stop()
  expect(taken).toEqual(['call', 'call', 'call'])
})

test('a queue of one process that is full says so', async () => {
  const queue = inProcessQueue({ maxWaiting: 1 })
  await queue.enqueue(job('a'))
  await expect(queue.enqueue(job('b'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: true })
})

test('an engine that is away is told as such', async () => {
  const boss = new PgBoss('postgresql://127.0.0.1:1/nowhere')
  boss.on('error', () => {})
  await expect(pgBossQueue(boss).enqueue(job('a'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  const queue = bullmqQueue({ connection: { url: 'redis://127.0.0.1:1' }, timeoutMs: 200 })
  onTestFinished(() => queue.close())
  await expect(queue.enqueue(job('a'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
})

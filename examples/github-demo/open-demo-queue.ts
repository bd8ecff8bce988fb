import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { JobQueue } from 'bapp-connectors/jobs'
import { bullmqQueue } from 'bapp-connectors/jobs/bullmq'
import { pgBossQueue } from 'bapp-connectors/jobs/pg-boss'
import { Redis } from 'ioredis'
import PgBoss from 'pg-boss'

/** Where the jobs of the demo are. */
export interface DemoQueue {
  readonly queue: JobQueue
  /** Removes what the demo made there. */
  close(): Promise<void>
}

/** Opens the queue that `--queue` names; `null` without the option. Throws a sentence for whoever typed the command. */
export async function openDemoQueue(args: readonly string[]): Promise<DemoQueue | null> {
  const { queue: engine } = parseArgs({ args: [...args], options: { queue: { type: 'string' } } }).values
  if (engine === undefined) return null
  // Demos that run at the same time don't take each other's jobs.
  const name = `bapp_demo_${randomBytes(6).toString('hex')}`
  if (engine === 'pg-boss') return openPgBoss(name)
  if (engine === 'bullmq') return openBullmq(name)
  throw new Error(`There is no queue ${JSON.stringify(engine)}: it is --queue pg-boss or --queue bullmq.`)
}

async function openPgBoss(schema: string): Promise<DemoQueue> {
  const url = process.env.TEST_POSTGRES_URL || 'postgresql://postgres@127.0.0.1:5432/postgres'
  const boss = new PgBoss({ connectionString: url, schema, max: 4, supervise: false, schedule: false })
  boss.on('error', () => {})
  try {
    await boss.start()
  } catch (cause) {
    throw new Error('No PostgreSQL answers: start one at 127.0.0.1:5432, or name one in TEST_POSTGRES_URL.', { cause })
  }
  const close = async () => {
    await boss.getDb().executeSql(`DROP SCHEMA ${schema} CASCADE`, [])
    await boss.stop({ graceful: false, wait: true })
  }
  return { queue: pgBossQueue(boss, { pollMs: 20 }), close }
}

async function openBullmq(prefix: string): Promise<DemoQueue> {
  const url = process.env.TEST_REDIS_URL || 'redis://127.0.0.1:6379'
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 })
  redis.on('error', () => {})
  try {
    await redis.connect()
  } catch (cause) {
    redis.disconnect()
    throw new Error('No Redis answers: start one at 127.0.0.1:6379, or name one in TEST_REDIS_URL.', { cause })
  }
  const close = async () => {
    const keys = await redis.keys(`${prefix}:*`)
    if (keys.length > 0) await redis.del(keys)
    redis.disconnect()
  }
  return { queue: bullmqQueue({ connection: { url }, prefix }), close }
}

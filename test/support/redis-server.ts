import { Redis } from 'ioredis'

/** Where a Redis server for tests is, or why there is none. */
export type RedisServer =
  | { readonly isThere: true; readonly url: string }
  | { readonly isThere: false; readonly reason: string }

const localDefault = 'redis://127.0.0.1:6379'

/** The server named by TEST_REDIS_URL, else the one on this machine. There is none to install from a registry. */
export async function redisServer(): Promise<RedisServer> {
  const named = process.env.TEST_REDIS_URL
  if (named !== undefined && named !== '') return { isThere: true, url: named }
  if (await answers(localDefault)) return { isThere: true, url: localDefault }
  return { isThere: false, reason: `no Redis server: set TEST_REDIS_URL, or start one at ${localDefault}` }
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

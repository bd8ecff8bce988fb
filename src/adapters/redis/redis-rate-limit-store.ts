import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimitStore } from '../../core/ports/rate-limit-store.ts'

/** The part of an ioredis client that is used here. One without a queue of its own for offline times fails soonest. */
export interface RedisLike {
  /** `ready` while commands can be sent at once. */
  readonly status?: string
  /** Runs a Lua script: `keyCount` keys first, then its arguments. */
  readonly eval: (script: string, keyCount: number, ...args: string[]) => Promise<unknown>
}

/** Where the buckets are. */
export interface RedisRateLimitOptions {
  /** In front of every key; default `bapp-connectors:rate`. */
  readonly keyPrefix?: string
}

/**
 * The bucket of `core/domain/token-bucket.ts`, by the clock of the server: those of the processes may differ. A key holds when
 * its bucket is full again, in microseconds, and goes by itself when it is.
 *
 * KEYS[1] the bucket, ARGV[3] its capacity in tokens, ARGV[4] the seconds in which that is refilled. Answers what the library
 * expects: points consumed (more than there are = refused) and milliseconds to wait.
 */
const takeToken = `
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local capacity = ARGV[4] * 1000000
local token = capacity / ARGV[3]
local missing = math.min(math.max(0, (redis.call('GET', KEYS[1]) or now) - now), capacity)
local lacking = missing + token - capacity
if lacking > 100 then return { ARGV[3] + 1, math.ceil((lacking - 100) / 1000) } end
redis.call('SET', KEYS[1], string.format('%.2f', now + missing + token), 'PX', math.ceil((missing + token) / 1000))
return { 1, 0 }
`

/**
 * Rate limits that many processes keep together, in Redis: the option `rateLimitStore` of `createConnectors`. Needs the package
 * `rate-limiter-flexible`. The client stays yours: it is neither configured nor closed.
 *
 * @example
 * createConnectors(repositories, { …, rateLimitStore: redisRateLimitStore(new Redis(process.env.REDIS_URL)) })
 */
export function redisRateLimitStore(redis: RedisLike, options: RedisRateLimitOptions = {}): RateLimitStore {
  const { keyPrefix = 'bapp-connectors:rate' } = options
  const limiters = new Map<string, RateLimiterRedis>()

  const limiterOf = (requestsPerSecond: number, burst: number) => {
    const name = `${requestsPerSecond}/${burst}`
    const known = limiters.get(name)
    if (known !== undefined) return known
    const made = new RateLimiterRedis({
      // Given the client itself, the library would define a command on it, in place of the one that your own limiters use.
      storeClient: {
        get status() {
          return redis.status
        },
        eval: (script: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }) =>
          redis.eval(script, keys.length, ...keys, ...args),
      },
      useRedisPackage: true,
      rejectIfRedisNotReady: true,
      customIncrTtlLuaScript: takeToken,
      keyPrefix,
      points: burst,
      duration: burst / requestsPerSecond,
    })
    limiters.set(name, made)
    return made
  }

  return {
    take: async (key, { requestsPerSecond, burst }) => {
      const limiter = limiterOf(requestsPerSecond, burst)
      try {
        // The library sends no script for less than a second; the bucket itself counts with the exact duration.
        await limiter.consume(key, 1, { customDuration: Math.max(1, Math.ceil(limiter.duration)) })
        return 0
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return refused.msBeforeNext
        throw refused
      }
    },
  }
}

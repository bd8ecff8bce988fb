import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type RedisLike, redisRateLimitStore } from '../../../src/adapters/redis/redis-rate-limit-store.ts'
import { takeToken } from '../../../src/core/domain/token-bucket.ts'

const url = process.env.TEST_REDIS_URL
const missing = process.env.TEST_REDIS_MISSING

/** A client of its own, as each process has one. */
function client(): Redis {
  const redis = new Redis(url ?? '')
  onTestFinished(() => redis.disconnect())
  return redis
}

const at = new Date(0)

describe.skipIf(url === undefined)(
  `rate limits in Redis${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    test('clients of one server share a bucket: of 40 concurrent calls for 5 tokens exactly 5 get one', async () => {
      const stores = await Promise.all(
        [client(), client()].map(async (redis) => {
          await redis.ping()
          return redisRateLimitStore(redis)
        }),
      )
      const key = randomUUID()
      const limit = { requestsPerSecond: 0.01, burst: 5, at }
      const waits = await Promise.all(
        Array.from({ length: 40 }, (_, n) => stores[n % 2]?.take(key, limit) ?? Promise.reject(new Error('no store'))),
      )
      expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(5)
      for (const waitMs of waits.filter((waitMs) => waitMs > 0)) {
        expect(waitMs).toBeGreaterThan(90_000)
        expect(waitMs).toBeLessThanOrEqual(100_000)
      }
      expect(await stores[0]?.take(`${key} of another`, limit)).toBe(0)
    })

    test('its buckets are those of one process, to the millisecond, for any sequence of calls', async () => {
      const redis = client()
      await redis.ping()
      // Keys expire by the real clock of the server; at these limits none does while the test runs.
      const limits = fc.record({
        requestsPerSecond: fc.double({ min: 0.0005, max: 0.005, noNaN: true }),
        burst: fc.integer({ min: 1, max: 6 }),
      })
      const pauses = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000_000 })), { maxLength: 25 })
      await fc.assert(
        fc.asyncProperty(limits, pauses, async (limit, steps) => {
          let now = 1_700_000_000_000
          const atFixedTime: RedisLike = {
            eval: (script, keyCount, ...args) =>
              redis.eval(
                script.replace("redis.call('TIME')", `{ '${Math.floor(now / 1_000)}', '${(now % 1_000) * 1_000}' }`),
                keyCount,
                ...args,
              ),
          }
          const store = redisRateLimitStore(atFixedTime)
          const key = randomUUID()
          let fullAtMs: number | null = null
          for (const step of steps) {
            now += step
            const expected = takeToken(fullAtMs, limit, new Date(now))
            fullAtMs = expected.fullAtMs
            const waitMs = await store.take(key, { ...limit, at })
            // Redis counts microseconds, and rounds up.
            expect(Math.abs(waitMs - expected.waitMs)).toBeLessThanOrEqual(1)
            expect(waitMs === 0).toBe(expected.waitMs === 0)
          }
        }),
        { numRuns: 100 },
      )
    })

    test('more than a thousand requests a second can be limited too', async () => {
      const redis = client()
      await redis.ping()
      const store = redisRateLimitStore(redis)
      const key = randomUUID()
      const waits: number[] = []
      for (let n = 0; n < 20; n += 1) waits.push(await store.take(key, { requestsPerSecond: 5_000, burst: 1, at }))
      expect(waits[0]).toBe(0)
      for (const waitMs of waits) expect(waitMs).toBeLessThanOrEqual(1)
    })

    test('a bucket goes by itself when it is full again, and keys carry the prefix', async () => {
      const redis = client()
      await redis.ping()
      const keyPrefix = `test-${randomUUID()}`
      await redisRateLimitStore(redis, { keyPrefix }).take('one', { requestsPerSecond: 0.1, burst: 3, at })
      const keys = await redis.keys(`${keyPrefix}*`)
      expect(keys).toEqual([`${keyPrefix}:one`])
      const lifetimeMs = await redis.pttl(keys[0] ?? '')
      expect(lifetimeMs).toBeGreaterThan(0)
      expect(lifetimeMs).toBeLessThanOrEqual(10_000)
    })

    test('the client is left as it was: limiters of the application that use it keep their own script', async () => {
      const redis = client()
      await redis.ping()
      await redisRateLimitStore(redis).take(randomUUID(), { requestsPerSecond: 1, burst: 1, at })
      expect('rlflxIncr' in redis).toBe(false)
    })

    test('a client that is not connected is an error at once, not a command that waits', async () => {
      const redis = new Redis({ lazyConnect: true })
      await expect(redisRateLimitStore(redis).take('any', { requestsPerSecond: 1, burst: 1, at })).rejects.toThrow(
        'not ready',
      )
      redis.disconnect()
    })
  },
)

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeToken } from '../../../src/core/domain/token-bucket.ts'

const limits = fc.record({
  requestsPerSecond: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0.01, max: 20, noNaN: true })),
  burst: fc.integer({ min: 1, max: 50 }),
})

test('in no span of time does more go than the burst and what it refills', () => {
  fc.assert(
    fc.property(limits, fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 120 }), (limit, pauses) => {
      const taken: number[] = []
      let fullAtMs: number | null = null
      let now = Date.parse('2026-03-01T12:00:00Z')
      for (const pause of pauses) {
        now += pause % 7 === 0 ? pause : pause % 20
        const bucket = takeToken(fullAtMs, limit, new Date(now))
        fullAtMs = bucket.fullAtMs
        if (bucket.waitMs === 0) taken.push(now)
      }
      for (const [from, start] of taken.entries()) {
        for (const [to, end] of taken.entries()) {
          if (to < from) continue
          // A tenth of a millisecond is rounding.
          const allowed = limit.burst + ((end - start + 0.1) / 1_000) * limit.requestsPerSecond
          expect(to - from + 1).toBeLessThanOrEqual(allowed + 1e-6)
        }
      }
    }),
  )
})

test('whoever waits as long as he is told gets his token, and not a millisecond earlier', () => {
  fc.assert(
    fc.property(limits, (limit) => {
      let fullAtMs: number | null = null
      let waitMs = 0
      const now = Date.parse('2026-03-01T12:00:00Z')
      for (let n = 0; n <= limit.burst; n += 1) {
        const bucket = takeToken(fullAtMs, limit, new Date(now))
        ;({ fullAtMs, waitMs } = bucket)
        expect(waitMs > 0).toBe(n === limit.burst)
      }
      expect(takeToken(fullAtMs, limit, new Date(now + waitMs)).waitMs).toBe(0)
      expect(takeToken(fullAtMs, limit, new Date(now + waitMs - 1)).waitMs).toBeGreaterThan(0)
    }),
  )
})

test('a clock that goes back an hour makes nobody wait for an hour', () => {
  const limit = { requestsPerSecond: 2, burst: 3 }
  const { fullAtMs } = takeToken(null, limit, new Date(3_600_000))
  expect(takeToken(fullAtMs, limit, new Date(0)).waitMs).toBe(500)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exponentialBackoff, webhookRetryDelay, webhookRetryDelaysMs } from '../../../src/core/domain/backoff.ts'

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const spans = fc
  .record({ baseMs: fc.integer({ min: 1, max: 60_000 }), capMs: fc.integer({ min: 1, max: 86_400_000 }) })
  .filter(({ baseMs, capMs }) => baseMs <= capMs)

test('the wait doubles with every failure until it reaches the cap', () => {
  const waits = [1, 2, 3, 4, 5, 6].map((count) =>
    exponentialBackoff(count, { baseMs: 1_000, capMs: 10_000, fraction: 0.5 }),
  )
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
})

test('the wait stays within a fifth of the plain one, whatever the jitter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), spans, fraction, (count, { baseMs, capMs }, fraction) => {
      const plain = Math.min(capMs, baseMs * 2 ** Math.min(count - 1, 60))
      const wait = exponentialBackoff(count, { baseMs, capMs, fraction })
      expect(Number.isInteger(wait)).toBe(true)
      expect(wait).toBeGreaterThanOrEqual(Math.floor(plain * 0.8))
      expect(wait).toBeLessThanOrEqual(Math.ceil(plain * 1.2))
    }),
  )
})

test('more failures never mean a shorter wait, nor does more jitter', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100 }), spans, fraction, fraction, (count, span, one, other) => {
      const [less, more] = one < other ? [one, other] : [other, one]
      const wait = exponentialBackoff(count, { ...span, fraction: less })
      expect(exponentialBackoff(count + 1, { ...span, fraction: less })).toBeGreaterThanOrEqual(wait)
      expect(exponentialBackoff(count, { ...span, fraction: more })).toBeGreaterThanOrEqual(wait)
    }),
  )
})

test('no failure yet waits like the first', () => {
  const span = { baseMs: 1_000, capMs: 10_000, fraction: 0.5 }
  expect(exponentialBackoff(0, span)).toBe(exponentialBackoff(1, span))
})

test('a delivery is tried again after 5 s, 30 s, 5 min, 30 min, 2 h, 5 h, 10 h and 24 h, then no more', () => {
  const seconds = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => Number(webhookRetryDelay(attempt, 0.5)) / 1_000)
  expect(seconds).toEqual([5, 30, 300, 1_800, 7_200, 18_000, 36_000, 86_400])
  expect(webhookRetryDelay(9, 0.5)).toBeNull()
  expect(webhookRetryDelay(1_000, 0)).toBeNull()
})

test('the wait of a delivery stays within a fifth of the table', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fraction, (attempt, fraction) => {
      const plain = webhookRetryDelaysMs[attempt - 1] ?? 0
      const wait = webhookRetryDelay(attempt, fraction) ?? 0
      expect(wait).toBeGreaterThanOrEqual(plain * 0.8)
      expect(wait).toBeLessThanOrEqual(plain * 1.2)
    }),
  )
})

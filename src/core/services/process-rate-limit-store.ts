import { takeToken } from '../domain/token-bucket.ts'
import type { RateLimitStore } from '../ports/rate-limit-store.ts'

/** Full buckets are looked for when there are as many as this. */
const firstSweep = 1_000

/** Token buckets of this process. Those that are full again are forgotten, for a new one is full too. */
export function createProcessRateLimitStore(): RateLimitStore {
  const fullAtMs = new Map<string, number>()
  let sweepAt = firstSweep

  const sweep = (at: Date) => {
    for (const [key, instant] of fullAtMs) if (instant <= at.getTime()) fullAtMs.delete(key)
    // Twice of what is in use, so that the next look is paid for by as many new buckets.
    sweepAt = Math.max(firstSweep, 2 * fullAtMs.size)
  }

  return {
    take: async (key, { at, ...limit }) => {
      const bucket = takeToken(fullAtMs.get(key) ?? null, limit, at)
      fullAtMs.set(key, bucket.fullAtMs)
      if (fullAtMs.size >= sweepAt) sweep(at)
      return bucket.waitMs
    },
  }
}

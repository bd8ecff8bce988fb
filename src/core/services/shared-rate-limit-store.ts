import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { RateLimitStore } from '../ports/rate-limit-store.ts'
import { withinTime } from './within-time.ts'

/** A store that has not answered by then is taken for away: no request waits for it longer. */
const patienceMs = 1_000

/** How long the buckets of the process stand in before the store is asked again. */
const standInMs = 10_000

/**
 * A shared store that may fail. While it does, the buckets of this process stand in: requests go on, each process keeps the
 * limit by itself, and a warning is logged once. A limit that nobody can look up must not stop every call.
 */
export function createSharedRateLimitStore({
  shared,
  standIn,
  clock,
  logger,
}: {
  readonly shared: RateLimitStore
  readonly standIn: RateLimitStore
  readonly clock: Clock
  readonly logger: Logger
}): RateLimitStore {
  /** When the store is asked again; `null` while it answers. */
  let askAgainAt: number | null = null

  const ask: RateLimitStore['take'] = async (key, request) => {
    // Inside of an async function, for a store may throw before it answers a promise.
    const answer = (async () => shared.take(key, request))()
    const waitMs = await withinTime(clock, patienceMs, answer, () => new Error(`no answer within ${patienceMs} ms`))
    if (!Number.isFinite(waitMs) || waitMs < 0) throw new Error(`it answered ${String(waitMs)}`)
    return waitMs
  }

  return {
    take: async (key, request) => {
      if (askAgainAt !== null && clock.now().getTime() < askAgainAt) return standIn.take(key, request)
      try {
        const waitMs = await ask(key, request)
        if (askAgainAt !== null) logger.info({}, 'the shared rate limit store answers again')
        askAgainAt = null
        return waitMs
      } catch (error) {
        const isNews = askAgainAt === null
        askAgainAt = clock.now().getTime() + standInMs
        if (isNews) {
          logger.warn(
            { err: error },
            'the shared rate limit store failed; until it answers again each process keeps the limits by itself',
          )
        }
        return standIn.take(key, request)
      }
    },
  }
}

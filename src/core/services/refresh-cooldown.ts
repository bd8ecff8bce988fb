import { exponentialBackoff } from '../domain/backoff.ts'
import { isConnectorsError } from '../domain/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Randomness } from '../ports/randomness.ts'

/** More connections than this are not remembered. */
const capacity = 10_000
const longestAskedMs = 3_600_000
const limits = { baseMs: 5_000, capMs: 300_000 }

/**
 * Keeps a refresh that fails from being tried again at every call: for 5 seconds, then 10, 20, …, at most 5 minutes; or for as
 * long as the provider asks, at most an hour.
 */
export interface RefreshCooldown {
  /** Does nothing, or throws again what the last refresh met. */
  readonly check: (connectionId: string) => void
  readonly isCooling: (connectionId: string) => boolean
  readonly coolingCount: () => number
  readonly begin: (connectionId: string, error: unknown) => void
  readonly over: (connectionId: string) => void
}

interface Failure {
  readonly count: number
  readonly untilAt: number
  readonly error: unknown
}

/** The cooldown of this process: every other finds out by itself, once. */
export function createRefreshCooldown({
  clock,
  randomness,
}: {
  readonly clock: Clock
  readonly randomness: Pick<Randomness, 'fraction'>
}): RefreshCooldown {
  const failures = new Map<string, Failure>()
  const isCooling = (failure: Failure | undefined) => failure !== undefined && clock.now().getTime() < failure.untilAt
  return {
    check: (connectionId) => {
      const failure = failures.get(connectionId)
      if (isCooling(failure)) throw failure?.error
    },
    isCooling: (connectionId) => isCooling(failures.get(connectionId)),
    coolingCount: () => [...failures.values()].filter(isCooling).length,
    begin: (connectionId, error) => {
      const count = (failures.get(connectionId)?.count ?? 0) + 1
      const askedMs = isConnectorsError(error) ? Math.min(error.retryAfterMs ?? 0, longestAskedMs) : 0
      const waitMs = Math.max(askedMs, exponentialBackoff(count, { ...limits, fraction: randomness.fraction() }))
      failures.delete(connectionId)
      failures.set(connectionId, { count, untilAt: clock.now().getTime() + waitMs, error })
      const oldest = failures.keys().next().value
      if (failures.size > capacity && oldest !== undefined) failures.delete(oldest)
    },
    over: (connectionId) => void failures.delete(connectionId),
  }
}

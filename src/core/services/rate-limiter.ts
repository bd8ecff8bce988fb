import { ConnectorsError, RateLimitError } from '../domain/errors.ts'
import type { RateLimit } from '../domain/provider.ts'
import type { Clock } from '../ports/clock.ts'
import type { RateLimitStore } from '../ports/rate-limit-store.ts'

/** Has the requests of a connection take turns, as fast as its provider allows. */
export interface RateLimiter {
  /**
   * Waits for the turn of one request. Turns are given in the order in which they were asked for, by this process: others
   * that share the store have a queue of their own.
   *
   * @throws {RateLimitError} at once, as soon as the turn can't come by `deadlineAt`; `retryAfterMs` says when it would, and
   *   there is no `status`, as nobody was asked.
   * @throws {ConnectorsError} `ABORTED` when the signal fires first; the turn goes to the next.
   */
  readonly turn: (
    key: string,
    limit: RateLimit,
    of: { readonly signal: AbortSignal; readonly deadlineAt: Date },
  ) => Promise<void>
}

interface Waiter {
  readonly deadlineMs: number
  readonly begin: () => void
  readonly refuse: (error: ConnectorsError) => void
}

interface Queue {
  readonly limit: RateLimit
  readonly waiters: Waiter[]
  /** When the first waiter's turn is, while that is being waited for. */
  turnAtMs: number | null
  cancelTimer: () => void
}

/** A rate limiter over buckets. It holds a queue for a key only while someone waits. */
export function createRateLimiter({
  store,
  clock,
}: {
  readonly store: RateLimitStore
  readonly clock: Clock
}): RateLimiter {
  const queues = new Map<string, Queue>()

  const refuseLate = (queue: Queue, turnAtMs: number, from = 0) => {
    const { limit, waiters } = queue
    const now = clock.now().getTime()
    let ahead = from
    // Whoever is refused lets all behind him move up.
    for (const waiter of waiters.splice(from)) {
      const startMs = turnAtMs + (ahead * 1_000) / limit.requestsPerSecond
      if (startMs <= waiter.deadlineMs) {
        waiters.push(waiter)
        ahead += 1
      } else waiter.refuse(tooLate(limit, Math.ceil(startMs - now)))
    }
  }

  const serve = async (key: string, queue: Queue) => {
    queue.turnAtMs = null
    while (queue.waiters.length > 0) {
      const waitMs = await store.take(key, { ...queue.limit, at: clock.now() })
      if (waitMs > 0) {
        const turnAtMs = clock.now().getTime() + waitMs
        refuseLate(queue, turnAtMs)
        if (queue.waiters.length === 0) break
        queue.turnAtMs = turnAtMs
        queue.cancelTimer = clock.schedule(waitMs, () => void serve(key, queue))
        return
      }
      queue.waiters.shift()?.begin()
    }
    queues.delete(key)
  }

  const leave = (key: string, queue: Queue, waiter: Waiter) => {
    const at = queue.waiters.indexOf(waiter)
    if (at !== -1) queue.waiters.splice(at, 1)
    // Without a timer the store is being asked, and what goes on then finds nobody.
    if (queue.waiters.length > 0 || queue.turnAtMs === null) return
    queue.cancelTimer()
    queues.delete(key)
  }

  return {
    turn: (key, limit, { signal, deadlineAt }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(aborted())
        const queue = queues.get(key) ?? {
          limit,
          waiters: [],
          turnAtMs: null,
          cancelTimer: () => {},
        }
        const abort = () => {
          leave(key, queue, waiter)
          reject(aborted())
        }
        const end = () => signal.removeEventListener('abort', abort)
        const waiter: Waiter = {
          deadlineMs: deadlineAt.getTime(),
          begin: () => {
            end()
            resolve()
          },
          refuse: (error) => {
            end()
            reject(error)
          },
        }
        signal.addEventListener('abort', abort, { once: true })
        queue.waiters.push(waiter)
        if (!queues.has(key)) {
          queues.set(key, queue)
          void serve(key, queue)
        } else if (queue.turnAtMs !== null) refuseLate(queue, queue.turnAtMs, queue.waiters.length - 1)
      }),
  }
}

function tooLate({ requestsPerSecond }: RateLimit, waitMs: number): RateLimitError {
  return new RateLimitError(
    `The provider takes ${requestsPerSecond} requests per second of a connection, and as many wait that this one's turn would come in ${waitMs} ms, after its deadline. Ask for less at a time, or later.`,
    { retryAfterMs: waitMs },
  )
}

function aborted(): ConnectorsError<'ABORTED'> {
  return new ConnectorsError('ABORTED', 'The request was aborted while it waited for its turn.')
}

import { ConnectorsError } from '../../core/domain/errors.ts'
import { timerDelay } from './timer-delay.ts'

/** Lets one caller at a time in, first come, first served. */
export interface TurnQueue {
  /**
   * Waits for our turn; call the answer to end it.
   *
   * @throws {ConnectorsError} `STORE_UNAVAILABLE` when no turn came within `maxWaitMs`.
   */
  readonly take: (maxWaitMs: number) => Promise<() => void>
}

const queues = new WeakMap<object, TurnQueue>()

/** The queue of a database client: the same one for everybody who uses this client. */
export function turnQueueOf(client: object): TurnQueue {
  const queue = queues.get(client) ?? turnQueue()
  queues.set(client, queue)
  return queue
}

/** A queue in which nobody has the turn yet. */
export function turnQueue(): TurnQueue {
  // A set keeps the order of arrival, and a waiter that gives up leaves it in constant time.
  const waiting = new Set<() => void>()
  let isTaken = false

  const endTurn = () => {
    const [next] = waiting
    if (next === undefined) isTaken = false
    else next()
  }

  return {
    take: (maxWaitMs) => {
      if (!isTaken) {
        isTaken = true
        return Promise.resolve(endTurn)
      }
      return new Promise((resolve, reject) => {
        const enter = () => {
          clearTimeout(timer)
          waiting.delete(enter)
          resolve(endTurn)
        }
        const giveUp = () => {
          waiting.delete(enter)
          reject(
            new ConnectorsError(
              'STORE_UNAVAILABLE',
              `The store was busy with another transaction for ${maxWaitMs} ms. Try again, or raise transaction.maxWaitMs.`,
            ),
          )
        }
        const timer = setTimeout(giveUp, timerDelay(maxWaitMs))
        waiting.add(enter)
      })
    },
  }
}

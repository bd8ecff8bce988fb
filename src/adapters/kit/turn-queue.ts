import { noTurn } from './refusals.ts'
import { timerDelay } from './timer-delay.ts'

/** So many turns may follow each other before timers and sockets get theirs. */
const turnsPerBreath = 32

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
  let turnsSinceBreath = 0

  /**
   * A store that answers without waiting (memory, libSQL) hands turn after turn over in microtasks: a long chain of them
   * would keep every timer and socket of the process waiting.
   */
  const breathe = async () => {
    turnsSinceBreath += 1
    if (turnsSinceBreath < turnsPerBreath) return
    turnsSinceBreath = 0
    await new Promise((resolve) => setImmediate(resolve))
  }

  const endTurn = () => {
    const [next] = waiting
    if (next === undefined) isTaken = false
    else next()
  }

  return {
    take: async (maxWaitMs) => {
      if (!isTaken) {
        isTaken = true
        await breathe()
        return endTurn
      }
      await new Promise<void>((resolve, reject) => {
        const enter = () => {
          clearTimeout(timer)
          waiting.delete(enter)
          resolve()
        }
        const giveUp = () => {
          waiting.delete(enter)
          reject(noTurn(maxWaitMs))
        }
        const timer = setTimeout(giveUp, timerDelay(maxWaitMs))
        waiting.add(enter)
      })
      await breathe()
      return endTurn
    },
  }
}

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

/** A queue in which nobody has the turn yet. */
export function turnQueue(): TurnQueue {
  const waiting: (() => void)[] = []
  let isTaken = false

  const endTurn = () => {
    const next = waiting.shift()
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
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(enter), 1)
          reject(
            new ConnectorsError(
              'STORE_UNAVAILABLE',
              `The store was busy with another transaction for ${maxWaitMs} ms. Try again, or raise transaction.maxWaitMs.`,
            ),
          )
        }, timerDelay(maxWaitMs))
        const enter = () => {
          clearTimeout(timer)
          resolve(endTurn)
        }
        waiting.push(enter)
      })
    },
  }
}

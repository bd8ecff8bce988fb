import { randomInt } from 'node:crypto'
import type { StoreFailure } from './store-failure.ts'

// About 3 seconds in all at most, over and above the time-out of the driver that every try may take.
const delaysMs = [10, 20, 40, 80, 160, 320, 500, 500, 500, 500]

/**
 * Runs `attempt` again while its error says that the store was busy, and then gives up with the last error. Each wait for
 * somebody's lock may have taken as long as the server allows, so only one of them is tried again.
 *
 * @param ownFailure what an error means, if it is the store's own
 * @param fraction from 0 to 1: pauses last from half of their length to all of it, so that those who met once don't meet again
 */
export async function retryBusy<R>(
  attempt: () => Promise<R>,
  ownFailure: (error: unknown) => StoreFailure,
  fraction: () => number = strongFraction,
): Promise<R> {
  let lockWaitCount = 0
  for (const delayMs of delaysMs) {
    try {
      return await attempt()
    } catch (error) {
      const failure = ownFailure(error)
      if (failure === 'locked') lockWaitCount += 1
      if (!isBusy(failure) || lockWaitCount > 1) throw error
      const pauseMs = delayMs * (0.5 + fraction() / 2)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  return attempt()
}

/** Whether the same may be done again after a failure. */
export function isBusy(failure: StoreFailure): boolean {
  return failure === 'busy' || failure === 'locked'
}

function strongFraction(): number {
  return randomInt(2 ** 32) / 2 ** 32
}

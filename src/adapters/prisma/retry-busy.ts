import { isBusy } from './prisma-error.ts'

// About 3 seconds in all, over and above the time-out of the driver adapter that every try may take.
const delaysMs = [10, 20, 40, 80, 160, 320, 500, 500, 500, 500]

/** Runs `attempt` again while the store says that it is busy, and then gives up with the last error. */
export async function retryBusy<R>(attempt: () => Promise<R>): Promise<R> {
  for (const delayMs of delaysMs) {
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
  }
  return attempt()
}

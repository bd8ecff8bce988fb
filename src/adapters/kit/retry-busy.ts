// About 3 seconds in all, over and above the time-out of the driver that every try may take.
const delaysMs = [10, 20, 40, 80, 160, 320, 500, 500, 500, 500]

/** Runs `attempt` again while `isBusy` says that its error came from a busy store, and then gives up with the last error. */
export async function retryBusy<R>(attempt: () => Promise<R>, isBusy: (error: unknown) => boolean): Promise<R> {
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

/** Runs tasks, at most `limit` at a time; the others wait in the order in which they came, and are told that they had to. */
export function limitConcurrency(limit: number): <R>(task: (hadToWait: boolean) => Promise<R>) => Promise<R> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    const hadToWait = running >= limit
    if (hadToWait) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await task(hadToWait)
    } finally {
      // Who waits takes over the place; it isn't free in between.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

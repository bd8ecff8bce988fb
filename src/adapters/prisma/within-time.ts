import { handlerTimeout } from './prisma-error.ts'

// A longer delay makes setTimeout fire at once.
const longestDelayMs = 2 ** 31 - 1

/**
 * What `work` answers, unless it takes longer than `timeoutMs`; then it is left to itself.
 * Prisma alone would wait for a callback that never ends, and everybody else with it.
 *
 * @throws {ConnectorsError} `HANDLER_TIMEOUT`, naming the option.
 */
export async function withinTime<R>(work: () => Promise<R>, timeoutMs: number): Promise<R> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(handlerTimeout(timeoutMs)), Math.min(timeoutMs, longestDelayMs))
  })
  try {
    return await Promise.race([work(), timeout])
  } finally {
    clearTimeout(timer)
  }
}

import { handlerTimeout } from './handler-timeout.ts'
import { timerDelay } from './timer-delay.ts'

/**
 * What `work` answers, unless it takes longer than `timeoutMs`; then it is left to itself.
 * A database client alone would wait for a callback that never ends, and everybody else with it.
 *
 * @throws {ConnectorsError} `HANDLER_TIMEOUT`, naming the option.
 */
export async function withinTime<R>(work: () => Promise<R>, timeoutMs: number): Promise<R> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(handlerTimeout(timeoutMs)), timerDelay(timeoutMs))
  })
  try {
    return await Promise.race([work(), timeout])
  } finally {
    clearTimeout(timer)
  }
}

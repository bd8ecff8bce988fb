import type { Clock } from '../ports/clock.ts'

/** Waits so long, in milliseconds, or until a signal fires, whichever comes first. */
export function waitOrAbort(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.schedule(ms, end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}

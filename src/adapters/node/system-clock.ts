import type { Clock } from '../../core/ports/clock.ts'

// A longer timer of Node fires at once.
const longestTimerMs = 2 ** 31 - 1

/** The clock of the machine. Scheduled tasks keep the process alive until they ran or were cancelled. */
export const systemClock: Clock = {
  now: () => new Date(),
  schedule(ms, task) {
    let timer: NodeJS.Timeout
    const wait = (remainingMs: number) => {
      const stepMs = Math.min(remainingMs, longestTimerMs)
      timer = setTimeout(() => (remainingMs > stepMs ? wait(remainingMs - stepMs) : task()), stepMs)
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
}

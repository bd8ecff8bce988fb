import type { Clock } from '../../src/core/ports/clock.ts'

/** A clock that stands until it is moved, and then runs what has come due. */
export interface FakeClock extends Clock {
  /** Moves time on; tasks run at their instants, in order, and may settle before the next one. */
  readonly advance: (ms: number) => Promise<void>
  /** Tasks that wait. */
  readonly pending: () => number
}

/** A fake clock that starts at an instant. */
export function createFakeClock(start = new Date('2026-03-01T12:00:00.000Z')): FakeClock {
  let now = start.getTime()
  const tasks = new Set<{ readonly at: number; readonly task: () => void }>()
  return {
    now: () => new Date(now),
    schedule: (ms, task) => {
      const entry = { at: now + ms, task }
      tasks.add(entry)
      return () => void tasks.delete(entry)
    },
    advance: async (ms) => {
      const end = now + ms
      for (;;) {
        const [next] = [...tasks].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        now = Math.max(now, next.at)
        tasks.delete(next)
        next.task()
        await new Promise((resolve) => setImmediate(resolve))
      }
      now = end
    },
    pending: () => tasks.size,
  }
}

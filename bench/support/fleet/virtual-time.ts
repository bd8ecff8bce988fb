import { setImmediate } from 'node:timers/promises'

/** A day that takes as long as its work: nothing waits, the clock jumps to what happens next. */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Calls `run` after so many milliseconds. Answers how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void
  /** Goes on until an instant. */
  readonly runUntil: (end: number) => Promise<void>
}

interface Entry {
  readonly at: number
  run: (() => void) | null
}

/** Begins at an instant. */
export function virtualTime(start: number): VirtualTime {
  let now = start
  const heap: Entry[] = []

  const push = (entry: Entry) => {
    let hole = heap.length
    heap.push(entry)
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const above = heap[parent]
      if (above === undefined || above.at <= entry.at) break
      heap[hole] = above
      hole = parent
    }
    heap[hole] = entry
  }

  const pop = (): Entry | undefined => {
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || last === first) return first
    let hole = 0
    for (;;) {
      const [left, right] = [heap[2 * hole + 1], heap[2 * hole + 2]]
      const isRight = left !== undefined && right !== undefined && right.at < left.at
      const child = isRight ? right : left
      if (child === undefined || child.at >= last.at) break
      heap[hole] = child
      hole = 2 * hole + (isRight ? 2 : 1)
    }
    heap[hole] = last
    return first
  }

  return {
    now: () => now,
    after: (ms, run) => {
      const entry: Entry = { at: now + Math.max(0, Math.round(ms)), run }
      push(entry)
      return () => {
        entry.run = null
      }
    },
    runUntil: async (end) => {
      for (let next = heap[0]; next !== undefined && next.at <= end; next = heap[0]) {
        pop()
        if (next.run === null) continue
        now = next.at
        next.run()
        // What follows from it without waiting comes before what is next.
        await setImmediate()
      }
      now = end
    },
  }
}

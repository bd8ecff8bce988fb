import type { Clock } from '../ports/clock.ts'

/** Waits for work, at most so many milliseconds: then it goes on by itself, and what `tooLong` makes is thrown. */
export async function withinTime<R>(clock: Clock, ms: number, work: Promise<R>, tooLong: () => Error): Promise<R> {
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.schedule(ms, () => reject(tooLong()))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}

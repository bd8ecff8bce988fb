import { ConnectorsError } from '../core/domain/errors.ts'
import type { JobLimits } from './job-definitions.ts'
import type { Timer } from './timer.ts'

/** When work ends that doesn't by itself. */
export interface WorkLimits extends JobLimits {
  /** Tells it to stop. */
  readonly stop: AbortSignal
  /** Has it given up. */
  readonly giveUp: AbortSignal
  readonly timer: Timer
}

/**
 * Runs work that is told to stop after the soft limit and not waited for after the hard one: it may go on in the background,
 * but whatever it holds expires.
 *
 * @throws {ConnectorsError} `ABORTED` when it is given up; and whatever the work throws before.
 */
export async function withinLimits<R>(
  what: string,
  { softMs, hardMs, stop, giveUp, timer }: WorkLimits,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const controller = new AbortController()
  const undo: (() => void)[] = []
  const onAbort = (signal: AbortSignal, act: () => void) => {
    if (signal.aborted) act()
    else signal.addEventListener('abort', act, { once: true })
    undo.push(() => signal.removeEventListener('abort', act))
  }
  const abort = () => controller.abort()
  onAbort(stop, abort)
  undo.push(timer(softMs, abort))
  try {
    return await Promise.race([
      work(controller.signal),
      new Promise<never>((_, reject) => {
        const abandon = (why: string) => reject(new ConnectorsError('ABORTED', `${what} ${why} and was given up.`))
        undo.push(timer(hardMs, () => abandon(`did not stop within ${hardMs} ms`)))
        onAbort(giveUp, () => abandon('did not stop when the worker did'))
      }),
    ])
  } finally {
    for (const back of undo) back()
  }
}

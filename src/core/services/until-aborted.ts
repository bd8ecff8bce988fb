import { ConnectorsError } from '../domain/errors.ts'

/**
 * Waits for work, but not longer than until a signal fires. The work is left alone then: what becomes of it, a result or
 * an error, is nobody's business any more. So it must not be work that commits anything.
 *
 * @throws {ConnectorsError} `ABORTED` when the signal fires; the work isn't begun if it has fired already. And whatever
 *   the work throws before.
 */
export function untilAborted<R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new ConnectorsError('ABORTED', 'The operation was aborted.'))
    if (signal.aborted) {
      abort()
      return
    }
    // Before the work begins: whatever it makes of the signal then comes second.
    signal.addEventListener('abort', abort, { once: true })
    const end = () => signal.removeEventListener('abort', abort)
    // Called inside of a promise, for it may throw before it answers one.
    new Promise<R>((begun) => begun(work())).then(resolve, reject).finally(end)
  })
}

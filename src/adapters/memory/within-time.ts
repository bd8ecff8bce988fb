import { ConnectorsError } from '../../core/domain/errors.ts'
import { timerDelay } from './timer-delay.ts'

/**
 * What `work` answers, unless it takes longer than `timeoutMs`; then it is left to itself.
 *
 * @throws {ConnectorsError} `HANDLER_TIMEOUT`, naming the option.
 */
export async function withinTime<R>(work: () => Promise<R>, timeoutMs: number): Promise<R> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ConnectorsError(
          'HANDLER_TIMEOUT',
          `The transaction took longer than ${timeoutMs} ms and was rolled back. ` +
            'Move slow work out of it, or raise transaction.timeoutMs.',
        ),
      )
    }, timerDelay(timeoutMs))
  })
  try {
    return await Promise.race([work(), timeout])
  } finally {
    clearTimeout(timer)
  }
}

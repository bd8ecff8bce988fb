import { ConnectorsError } from '../../core/domain/errors.ts'

/** The error for a transaction that took too long. */
export function handlerTimeout(timeoutMs: number | undefined, cause?: unknown): ConnectorsError<'HANDLER_TIMEOUT'> {
  const limit = timeoutMs === undefined ? 'allowed' : `${timeoutMs} ms`
  return new ConnectorsError(
    'HANDLER_TIMEOUT',
    `The transaction took longer than ${limit} and was rolled back. ` +
      'Move slow work out of it, or raise transaction.timeoutMs.',
    { cause },
  )
}

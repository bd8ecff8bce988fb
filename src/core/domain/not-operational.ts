import type { Connection, GateDecision } from './connection.ts'
import { ConnectorsError } from './errors.ts'

/** What a caller gets at a closed gate. `retryAfterMs` says how much of a pause is left. */
export function notOperational(
  { pausedUntil }: Pick<Connection, 'pausedUntil'>,
  { reason, message }: Extract<GateDecision, { readonly isOpen: false }>,
  at: Date,
): ConnectorsError<'CONNECTION_NOT_OPERATIONAL'> {
  const leftMs = reason === 'paused' && pausedUntil !== null ? pausedUntil.getTime() - at.getTime() : 0
  return new ConnectorsError('CONNECTION_NOT_OPERATIONAL', message, leftMs > 0 ? { retryAfterMs: leftMs } : {})
}

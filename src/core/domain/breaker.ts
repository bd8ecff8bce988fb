import type { Connection } from './connection.ts'

/** The part of a connection that the circuit breaker reads and writes. */
export type BreakerState = Pick<
  Connection,
  | 'isEnabled'
  | 'isConnected'
  | 'authFailureCount'
  | 'lastAuthFailureAt'
  | 'disabledReason'
  | 'credentialsVersion'
  | 'needsReauthorization'
>

/** What happened to a connection, as the circuit breaker sees it. */
export type BreakerEvent =
  | {
      readonly type: 'authenticationFailed'
      readonly at: Date
      readonly reason: string
      /** Consecutive failures that disable the connection. */
      readonly threshold: number
      /** The credentials that were refused; a failure of older ones is ignored. */
      readonly credentialsVersion: number
      /** Whether the connection counts as disconnected at once (a test), or only at the threshold (a call). */
      readonly disconnect: boolean
      /** Whether the grant behind the credentials is gone, so that nothing but a new one helps. */
      readonly needsReauthorization: boolean
    }
  | {
      readonly type: 'succeeded'
      /** When the call began: a success that began before the last failure says nothing. */
      readonly startedAt: Date
      readonly credentialsVersion: number
      /** Whether a disabled connection may be marked connected too (a test), or not (a late call). */
      readonly appliesToDisabled: boolean
    }
  | { readonly type: 'credentialsReplaced' }
  | { readonly type: 'enabled' }
  | { readonly type: 'disabled'; readonly reason: string | null }

/**
 * With the count goes its last instant: it comes from whatever clock failed last, and a success by a slower one
 * would look as if it had begun before.
 */
const noFailures = { authFailureCount: 0, lastAuthFailureAt: null }

/**
 * The circuit breaker: what a connection's state becomes. Returns the same object when an outcome changes nothing;
 * what an operator decides (`enabled`, `disabled`, `credentialsReplaced`) is always written.
 */
export function breaker<S extends BreakerState>(state: S, event: BreakerEvent): S {
  switch (event.type) {
    case 'authenticationFailed': {
      if (event.credentialsVersion !== state.credentialsVersion) return state
      const authFailureCount = state.authFailureCount + 1
      const isTripped = state.isEnabled && authFailureCount >= event.threshold
      return {
        ...state,
        authFailureCount,
        lastAuthFailureAt: event.at,
        isConnected: event.disconnect || isTripped ? false : state.isConnected,
        needsReauthorization: state.needsReauthorization || event.needsReauthorization,
        ...(isTripped && { isEnabled: false, disabledReason: event.reason }),
      }
    }
    case 'succeeded': {
      const isStale =
        event.credentialsVersion !== state.credentialsVersion ||
        (state.lastAuthFailureAt !== null && event.startedAt < state.lastAuthFailureAt) ||
        (!state.isEnabled && !event.appliesToDisabled)
      if (isStale || (state.isConnected && state.authFailureCount === 0)) return state
      return { ...state, isConnected: true, authFailureCount: 0 }
    }
    case 'credentialsReplaced':
      return {
        ...state,
        ...noFailures,
        needsReauthorization: false,
        credentialsVersion: state.credentialsVersion + 1,
      }
    case 'enabled':
      return { ...state, ...noFailures, needsReauthorization: false, isEnabled: true, disabledReason: null }
    case 'disabled':
      return { ...state, isEnabled: false, disabledReason: event.reason }
  }
}

import type { Connection } from './connection.ts'

/** The part of a connection that pauses read and write. */
export type PauseState = Pick<
  Connection,
  'pausedUntil' | 'pauseReason' | 'pauseCount' | 'probeLeaseOwner' | 'probeLeaseExpiresAt' | 'credentialsVersion'
>

/** Why a connection is paused: the provider asked for it, it didn't answer, or somebody decided so. */
export type PauseCause = 'rateLimited' | 'outage' | 'operator'

/** What happened to a connection, as far as pauses are concerned. */
export type PauseEvent =
  | {
      readonly type: 'paused'
      readonly untilAt: Date
      readonly reason: string | null
      /** The credentials of the call that failed, older ones are ignored; `null`: an operator decides. */
      readonly credentialsVersion: number | null
      /** An outage counts once: for whoever saw the row with this count. `null`: no outage, nothing is counted. */
      readonly seenPauseCount: number | null
    }
  | {
      readonly type: 'resumed'
      /** The call that the provider answered; `null`: an operator decides. */
      readonly answer: PauseAnswer | null
    }

/** A call that the provider answered, whatever the answer was. */
export interface PauseAnswer {
  /** When the call began: what began before the end of the pause says nothing. */
  readonly startedAt: Date
  readonly credentialsVersion: number
}

/** What a connection is while nobody probes it. */
export const noProbeLease = { probeLeaseOwner: null, probeLeaseExpiresAt: null } as const

/** What a connection is without a pause. */
export const notPaused = { pausedUntil: null, pauseReason: null, pauseCount: 0, ...noProbeLease } as const

/**
 * Pauses: what a connection's state becomes. Returns the same object when an event changes nothing.
 *
 * A pause lasts until `pausedUntil`; after that the connection still counts as paused for all but one call, the probe,
 * until the provider answers it. `pauseCount` says how many outages were met since the provider last answered.
 */
export function pauses<S extends PauseState>(state: S, event: PauseEvent): S {
  switch (event.type) {
    case 'paused': {
      const { untilAt, reason, credentialsVersion, seenPauseCount } = event
      const isStale =
        (credentialsVersion !== null && credentialsVersion !== state.credentialsVersion) ||
        (seenPauseCount !== null && seenPauseCount !== state.pauseCount) ||
        (state.pausedUntil !== null && untilAt <= state.pausedUntil)
      if (isStale) return state
      const pauseCount = state.pauseCount + (seenPauseCount === null ? 0 : 1)
      return { ...state, pausedUntil: untilAt, pauseReason: reason, pauseCount, ...noProbeLease }
    }
    case 'resumed': {
      const { answer } = event
      const isStale =
        state.pausedUntil === null ||
        (answer !== null &&
          (answer.credentialsVersion !== state.credentialsVersion || answer.startedAt < state.pausedUntil))
      return isStale ? state : { ...state, ...notPaused }
    }
  }
}

/** How long outages pause a connection, in milliseconds. */
export interface OutagePause {
  /** The shortest pause. */
  readonly baseMs: number
  /** The longest. */
  readonly maxMs: number
}

/**
 * Milliseconds of the pause for the n-th outage in a row: anything from `baseMs` to `baseMs * 2^n`, at most `maxMs`.
 * The whole range is jitter: many connections meet the same outage, and their probes must not come all at once.
 */
export function outagePauseMs(
  pauseCount: number,
  { baseMs, maxMs, fraction }: OutagePause & { readonly fraction: number },
): number {
  const longest = Math.min(maxMs, baseMs * 2 ** Math.min(30, pauseCount))
  return Math.min(maxMs, Math.round(baseMs + fraction * (longest - baseMs)))
}

/** A provider may say how long it wants to be left alone, but no longer than this, in milliseconds: 24 hours. */
export const maxRetryAfterMs = 24 * 60 * 60 * 1_000

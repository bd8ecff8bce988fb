import { type Connection, gate, probedByAnother } from '../domain/connection.ts'
import type { AnyConnectorsError } from '../domain/errors.ts'
import { notOperational } from '../domain/not-operational.ts'
import { maxRetryAfterMs, outagePauseMs } from '../domain/pause.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import { storableText } from '../domain/storable-text.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import type { CallFacts, ConnectionOutcomes } from './connection-outcomes.ts'
import type { GateCopies } from './gate-copies.ts'

/** Of more connections than this, the oldest failures are forgotten. */
const capacity = 10_000
const maxReasonLength = 500

/** A connection as a call found it when it was let through, and whether that call goes first after a pause. */
export interface Admission<T extends TenantId> {
  readonly connection: Connection<T>
  /** Names the probe's lease; `null` for any other call. */
  readonly probeOwner: string | null
}

/** Pauses connections whose provider doesn't answer, or asks for a pause, and finds out when it answers again. */
export interface ConnectionPauses<T extends TenantId> {
  /**
   * Lets one call go first after a pause.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_OPERATIONAL` when another call does; `CONNECTION_NOT_FOUND`.
   */
  readonly admitProbe: (scope: Scope<T>, connection: Connection<T>) => Promise<Admission<T>>
  /** Draws the conclusions from a call that has ended, with an error or (`null`) without. */
  readonly ended: (
    admission: Admission<T>,
    facts: Pick<CallFacts, 'startedAt' | 'credentialsVersion'>,
    error: AnyConnectorsError | null,
  ) => Promise<void>
  /** Whether calls of a connection have failed since it last answered, as far as this process has seen. */
  readonly isFailing: (connectionId: string) => boolean
  /** Draws none: of a call that was never made. */
  readonly notBegun: (admission: Admission<T>) => Promise<void>
}

/** What this process has seen of an outage. It is counted here and not in the row: that would cost a write per failure. */
interface Outage {
  readonly credentialsVersion: number
  /** Calls in a row that failed, since the row was last told. */
  readonly failureCount: number
  /** When the row was told; what began before that met the same outage. */
  readonly toldAt: Date | null
}

/** Pauses that end in these repositories, and are told by these outcomes. */
export function createConnectionPauses<T extends TenantId>({
  connections,
  copies,
  outcomes,
  clock,
  ids,
  randomness,
  options: { pause: limits, clockSkewMs },
}: {
  readonly connections: ConnectionRepository<T>
  readonly copies: Pick<GateCopies<T>, 'put' | 'forget' | 'readFresh'>
  readonly outcomes: Pick<ConnectionOutcomes<T>, 'paused' | 'resumed'>
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Randomness
  readonly options: Pick<ResolvedOptions, 'pause' | 'clockSkewMs'>
}): ConnectionPauses<T> {
  const outages = new Map<string, Outage>()
  const remember = (id: string, outage: Outage) => {
    outages.delete(id)
    outages.set(id, outage)
    const oldest = outages.keys().next().value
    if (outages.size > capacity && oldest !== undefined) outages.delete(oldest)
  }

  /** Counts a failure; answers whether it is the one that makes an outage. */
  const isOutage = (
    { connection: seen, probeOwner }: Admission<T>,
    startedAt: Date,
    credentialsVersion: number,
  ): boolean => {
    if (probeOwner !== null) return true
    // A test is let through while a pause lasts, and finds what is known.
    if (seen.pausedUntil !== null && seen.pausedUntil > startedAt) return false
    const known = outages.get(seen.id)
    if (known !== undefined && known.credentialsVersion > credentialsVersion) return false
    const { failureCount, toldAt } =
      known?.credentialsVersion === credentialsVersion ? known : { failureCount: 0, toldAt: null }
    if (toldAt !== null && startedAt <= toldAt) return false
    const isReached = failureCount + 1 >= limits.afterFailures
    remember(seen.id, {
      credentialsVersion,
      failureCount: isReached ? 0 : failureCount + 1,
      toldAt: isReached ? clock.now() : toldAt,
    })
    return isReached
  }

  const unavailable = async (
    admission: Admission<T>,
    { startedAt, credentialsVersion }: Pick<CallFacts, 'startedAt' | 'credentialsVersion'>,
    error: AnyConnectorsError,
  ): Promise<Connection<T> | null> => {
    const { connection: seen } = admission
    const askedMs = Math.min(error.retryAfterMs ?? 0, maxRetryAfterMs)
    if (askedMs <= 0 && !isOutage(admission, startedAt, credentialsVersion)) return null
    const at = clock.now()
    const pauseMs =
      askedMs > 0 ? askedMs : outagePauseMs(seen.pauseCount + 1, { ...limits, fraction: randomness.fraction() })
    try {
      const paused = await connections.pause(seen, {
        at,
        untilAt: new Date(at.getTime() + pauseMs),
        reason: storableText(error.message, maxReasonLength),
        credentialsVersion,
        seenPauseCount: askedMs > 0 ? null : seen.pauseCount,
      })
      // Somebody else was first, or the pause is longer already: in any case the copy is out of date.
      if (paused === null) copies.forget(seen.id)
      else outcomes.paused(paused, error.code === 'RATE_LIMITED' ? 'rateLimited' : 'outage')
      return paused
    } catch (failure) {
      // The next failure has to tell of it.
      remember(seen.id, { credentialsVersion, failureCount: limits.afterFailures - 1, toldAt: null })
      throw failure
    }
  }

  const answered = async (
    { connection: seen }: Admission<T>,
    { startedAt, credentialsVersion }: Pick<CallFacts, 'startedAt' | 'credentialsVersion'>,
  ): Promise<Connection<T> | null> => {
    outages.delete(seen.id)
    if (seen.pausedUntil === null) return null
    const resumed = await connections.resume(seen, { at: clock.now(), answer: { startedAt, credentialsVersion } })
    if (resumed !== null) outcomes.resumed(resumed)
    return resumed
  }

  const notBegun = async ({ connection, probeOwner }: Admission<T>) => {
    if (probeOwner === null) return
    await connections.releaseProbe(connection, { owner: probeOwner, at: clock.now() })
    copies.forget(connection.id)
  }

  return {
    notBegun,
    isFailing: (connectionId) => outages.has(connectionId),

    admitProbe: async (scope, connection) => {
      const probeOwner = ids.next()
      const at = clock.now()
      const lease = { owner: probeOwner, at, leaseMs: limits.probeLeaseMs, clockSkewMs }
      const taken = await connections.acquireProbe(connection, lease)
      if (taken !== null) {
        copies.put(taken)
        return { connection: taken, probeOwner }
      }
      // Another call goes first, or has just ended the pause for all.
      const current = refuseDeleted(await copies.readFresh(scope, connection.id))
      const decision = gate(current, clock.now())
      if (decision.isOpen && !decision.needsProbe) return { connection: current, probeOwner: null }
      throw notOperational(current, decision.isOpen ? probedByAnother(current) : decision, clock.now())
    },

    ended: async (admission, facts, error) => {
      const verdict = verdictOf(error)
      let written: Connection<T> | null = null
      if (verdict === 'answered') written = await answered(admission, facts)
      if (verdict === 'unavailable' && error !== null) written = await unavailable(admission, facts, error)
      // What ended or lengthened the pause has taken the lease with it.
      if (written === null) await notBegun(admission)
    },
  }
}

/** What the end of a call says about whether the provider answers. */
function verdictOf(error: AnyConnectorsError | null): 'answered' | 'unavailable' | 'unknown' {
  switch (error?.code) {
    case undefined:
    case 'AUTHENTICATION_FAILED':
    case 'PERMISSION_DENIED':
    case 'PROVIDER_REJECTED':
      return 'answered'
    case 'PROVIDER_UNAVAILABLE':
      return 'unavailable'
    case 'RATE_LIMITED':
      // Without a status it wasn't the provider who said so, but the limit that we keep for it.
      return error?.status === undefined ? 'unknown' : 'unavailable'
    default:
      return 'unknown'
  }
}

import { type Connection, toConnectionView } from '../domain/connection.ts'
import { eventBase } from '../domain/event-base.ts'
import type { PauseCause } from '../domain/pause.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'

/** What a call showed about the credentials it was made with. */
export interface CallFacts {
  readonly startedAt: Date
  readonly credentialsVersion: number
  /** Whether it was a test, which may connect a disabled connection and disconnects at the first refusal. */
  readonly isTest: boolean
}

/** Feeds the circuit breaker and tells about what changed. */
export interface ConnectionOutcomes<T extends TenantId> {
  /** The provider accepted the credentials. Writes only if that is news. */
  readonly succeeded: (connection: Connection<T>, facts: CallFacts) => Promise<Connection<T>>
  /** The provider refused the credentials. */
  readonly refused: (connection: Connection<T>, facts: CallFacts, reason: string) => Promise<Connection<T>>
  /** Takes over a written connection and emits what its change means. */
  readonly changed: (before: Connection<T>, after: Connection<T>) => void
  /** Takes over a connection that was paused, or paused for longer, and tells. */
  readonly paused: (connection: Connection<T>, cause: PauseCause) => void
  /** Takes over a connection whose pause was ended, and tells. */
  readonly resumed: (connection: Connection<T>) => void
  /** Takes over a written connection that is as enabled and as connected as it was. */
  readonly written: (connection: Connection<T>) => void
}

/** Outcomes that end in these repositories, and are told by this emitter. */
export function createConnectionOutcomes<T extends TenantId>({
  connections,
  emitter,
  copies,
  clock,
  threshold,
}: {
  readonly connections: ConnectionRepository<T>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  /** Told of every connection as written. */
  readonly copies: Pick<GateCopies<T>, 'put'>
  readonly clock: Clock
  readonly threshold: number
}): ConnectionOutcomes<T> {
  const changed = (before: Connection<T>, after: Connection<T>) => {
    copies.put(after)
    const at = clock.now()
    const base = eventBase(after, at)
    if (before.isEnabled !== after.isEnabled || before.isConnected !== after.isConnected) {
      emitter.emit('connection.statusChanged', {
        ...base,
        connection: toConnectionView(after, at),
        isConnected: after.isConnected,
        isEnabled: after.isEnabled,
        previousConnected: before.isConnected,
        previousEnabled: before.isEnabled,
      })
    }
    if (before.isEnabled && !after.isEnabled) {
      emitter.emit('connection.disabled', {
        ...base,
        reason: after.disabledReason,
        authFailureCount: after.authFailureCount,
      })
    }
    if (!before.isEnabled && after.isEnabled) emitter.emit('connection.enabled', base)
  }

  return {
    changed,
    written: copies.put,
    paused: (connection, cause) => {
      copies.put(connection)
      if (connection.pausedUntil === null) return
      const { pausedUntil: untilAt, pauseReason: reason, pauseCount } = connection
      emitter.emit('connection.paused', { ...eventBase(connection, clock.now()), untilAt, reason, cause, pauseCount })
    },
    resumed: (connection) => {
      copies.put(connection)
      emitter.emit('connection.resumed', eventBase(connection, clock.now()))
    },
    succeeded: async (connection, { startedAt, credentialsVersion, isTest }) => {
      if (connection.isConnected && connection.authFailureCount === 0) return connection
      const change = await connections.markConnected(connection, {
        at: clock.now(),
        startedAt,
        credentialsVersion,
        appliesToDisabled: isTest,
      })
      if (change === null) return connection
      changed(change.before, change.after)
      return change.after
    },
    refused: async (connection, { credentialsVersion, isTest }, reason) => {
      const change = await connections.recordAuthFailure(connection, {
        at: clock.now(),
        reason: `${threshold} authentication failures in a row, the last: ${reason}`.slice(0, 500),
        threshold,
        credentialsVersion,
        disconnect: isTest,
        needsReauthorization: false,
      })
      if (change === null) return connection
      changed(change.before, change.after)
      return change.after
    },
  }
}

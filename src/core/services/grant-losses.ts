import { type Connection, toConnectionView } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { AuthenticationError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { ConnectionOutcomes } from './connection-outcomes.ts'
import type { Emitter } from './emitter.ts'

const maxReasonLength = 500

/** What whoever needs a grant that is lost is told. */
export function grantLost(connectionId: string, reason: string): AuthenticationError {
  return new AuthenticationError(
    `The authorization of connection ${connectionId} was revoked or has expired: ${reason} Connect the account anew, with oauth.authorize({ connectionId }).`,
  )
}

/**
 * Writes down that the grant behind the credentials of a connection is lost. Of all who are told so by the provider, one tells
 * the listeners.
 *
 * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`; `STORE_UNAVAILABLE`.
 */
export type RecordGrantLoss<T extends TenantId> = (connection: Connection<T>, reason: string) => Promise<void>

/** Makes it. */
export function createRecordGrantLoss<T extends TenantId>({
  connections,
  outcomes,
  emitter,
  clock,
  threshold,
}: {
  readonly connections: Pick<ConnectionRepository<T>, 'recordAuthFailure'>
  readonly outcomes: Pick<ConnectionOutcomes<T>, 'changed'>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly threshold: number
}): RecordGrantLoss<T> {
  return async (connection, reason) => {
    const change = await connections.recordAuthFailure(connection, {
      at: clock.now(),
      reason: `The authorization was revoked or has expired: ${reason}`.slice(0, maxReasonLength),
      threshold,
      credentialsVersion: connection.credentialsVersion,
      disconnect: true,
      needsReauthorization: true,
    })
    if (change === null) throw connectionNotFound(connection.id)
    const { before, after } = change
    outcomes.changed(before, after)
    if (before.needsReauthorization || !after.needsReauthorization) return
    const at = clock.now()
    emitter.emit('connection.needsReauthorization', {
      ...eventBase(after, at),
      connection: toConnectionView(after, at),
      reason,
    })
  }
}

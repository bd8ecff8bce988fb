import type { Connection } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Logger } from '../ports/logger.ts'
import type { RenewedCredentials } from './credential-renewal.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { SecretSealer } from './secret-sealer.ts'
import { waitOrAbort } from './wait-or-abort.ts'
import { withinTime } from './within-time.ts'

/** How long a call waits for its credentials to be written. */
const patienceMs = 10_000
const retryMs = { first: 100, most: 5_000 }

/** The connection as it is after new credentials were to be written. */
export interface SavedCredentials<T extends TenantId> {
  readonly connection: Connection<T>
  /** Whether they are those that were received, and not others that somebody gave meanwhile. */
  readonly isOurs: boolean
}

/**
 * Writes credentials that a provider has just given. The old ones may be worthless by now, so that nothing but the end of
 * the process keeps it from going on until they are written.
 */
export interface RenewedCredentialsStore<T extends TenantId> {
  /** @throws {ConnectorsError} `STORE_UNAVAILABLE` when it takes longer than 10 seconds; the writing goes on. */
  readonly save: (leased: Connection<T>, renewed: RenewedCredentials) => Promise<SavedCredentials<T>>
  /** What is still to be written for a connection, awaited as `save` does; `null` if there is nothing. */
  readonly unsaved: (connectionId: string) => Promise<SavedCredentials<T>> | null
}

/** Makes it. */
export function createRenewedCredentialsStore<T extends TenantId>({
  connections,
  sealer,
  clock,
  logger,
  lifecycle,
}: {
  readonly connections: ConnectionRepository<T>
  readonly sealer: Pick<SecretSealer, 'sealCredentials'>
  readonly clock: Clock
  readonly logger: Logger
  /** When the library is closed the next failure is the last, and is waited for. */
  readonly lifecycle: Pick<Lifecycle, 'signal' | 'track'>
}): RenewedCredentialsStore<T> {
  const { signal } = lifecycle
  const writing = new Map<string, Promise<SavedCredentials<T>>>()

  /** One try: the answer to an earlier one may have been lost, or somebody else has replaced the credentials. */
  const tryOnce = async (leased: Connection<T>, sealed: string, renewed: RenewedCredentials) => {
    const { tokenExpiresAt, tokenRefreshAt } = renewed
    const written = await connections.replaceCredentials(leased, {
      at: clock.now(),
      expectedCredentialsVersion: leased.credentialsVersion,
      credentialsEncrypted: sealed,
      tokenExpiresAt,
      tokenRefreshAt,
    })
    if (written !== null) return { connection: written, isOurs: true }
    const current = await connections.find({ scope: operatorScope, id: leased.id })
    if (current === null) throw connectionNotFound(leased.id)
    return { connection: current, isOurs: current.credentialsEncrypted === sealed }
  }

  const write = async (leased: Connection<T>, renewed: RenewedCredentials): Promise<SavedCredentials<T>> => {
    const sealed = await sealer.sealCredentials(leased, renewed.credentials)
    for (let delayMs = retryMs.first; ; delayMs = Math.min(2 * delayMs, retryMs.most)) {
      try {
        return await tryOnce(leased, sealed, renewed)
      } catch (error) {
        if (!isConnectorsError(error) || !error.retryable || signal.aborted) throw error
        logger.warn({ err: error, connectionId: leased.id }, 'refreshed credentials could not be written; trying again')
      }
      await waitOrAbort(clock, delayMs, signal)
    }
  }

  const patiently = (id: string, work: Promise<SavedCredentials<T>>) =>
    withinTime(
      clock,
      patienceMs,
      work,
      () =>
        new ConnectorsError(
          'STORE_UNAVAILABLE',
          `The refreshed credentials of connection ${id} could not be written for ${patienceMs / 1_000} seconds. It goes on being tried; try again later.`,
        ),
    )

  return {
    save: (leased, renewed) => {
      const work = lifecycle.track('credentials.refresh', write(leased, renewed))
      writing.set(leased.id, work)
      work
        .catch((error: unknown) => {
          logger.error(
            { err: error, connectionId: leased.id },
            'refreshed credentials are lost: they could not be written',
          )
        })
        .finally(() => {
          if (writing.get(leased.id) === work) writing.delete(leased.id)
        })
      return patiently(leased.id, work)
    },
    unsaved: (connectionId) => {
      const work = writing.get(connectionId)
      return work === undefined ? null : patiently(connectionId, work)
    },
  }
}

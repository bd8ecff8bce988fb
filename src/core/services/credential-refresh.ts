import type { Connection } from '../domain/connection.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import { operatorScope, type TenantId } from '../domain/tenant.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Logger } from '../ports/logger.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import type { ConnectionOutcomes } from './connection-outcomes.ts'
import type { ConnectionPauses } from './connection-pauses.ts'
import type { CredentialRenewal } from './credential-renewal.ts'
import type { Emitter } from './emitter.ts'
import { createFreshCredentials } from './fresh-credentials.ts'
import type { GateCopies } from './gate-copies.ts'
import { createRecordGrantLoss, grantLost } from './grant-losses.ts'
import type { Lifecycle } from './lifecycle.ts'
import { createRefreshCooldown } from './refresh-cooldown.ts'
import type { RenewedCredentialsStore } from './renewed-credentials.ts'
import { waitOrAbort } from './wait-or-abort.ts'
import { withinTime } from './within-time.ts'

/** How long a refresh may be silent before another process may try: more than a token request and the writing of its answer. */
const leaseMs = 60_000
/** How often whoever waits for another process looks whether it is done. */
const pollMs = { first: 50, most: 1_000 }
/** How long a refresh may hold up those whose token still works. */
const holdUpMs = 2_000

/** Why credentials are refreshed: their time has come, or the provider has refused them. */
type Need = 'due' | 'refused'

/** A refresh that is under way. */
interface Running<T extends TenantId> {
  readonly version: number
  readonly startedAt: Date
  readonly result: Promise<Connection<T>>
}

/** What becomes of a call whose credentials were refused. */
export type AfterRefusal<T extends TenantId> =
  /** There are newer credentials now: try again, with these. */
  | { readonly status: 'renewed'; readonly connection: Connection<T> }
  /** There is nothing to be renewed: the refusal counts. */
  | { readonly status: 'refused' }
  /** The grant is lost, which has been recorded. */
  | { readonly status: 'lost'; readonly error: ConnectorsError }
  /** There may be newer ones, but nobody can be asked at the moment, which has been recorded: the refusal doesn't count. */
  | { readonly status: 'unknown'; readonly error: ConnectorsError }

/** Keeps credentials alive: one refresh at a time for one connection, in all processes together. */
export interface CredentialRefresh<T extends TenantId> {
  /**
   * The connection with credentials that are good for a while: as it is, unless they are about to expire. While the old ones
   * still work, a refresh that fails holds nobody up.
   *
   * @throws {ConnectorsError} `AUTHENTICATION_FAILED` when the grant is lost, which has been recorded by then; what asking the
   *   provider throws; `STORE_UNAVAILABLE`; `CONNECTION_NOT_FOUND`.
   */
  readonly ahead: (connection: Connection<T>) => Promise<Connection<T>>
  /** Whether `ahead` has anything to do. */
  readonly isDue: (connection: Connection<T>) => boolean
  /** What to do about credentials that the provider has refused although they had not expired. Refreshes them once. */
  readonly afterRefusal: (connection: Connection<T>, credentialsVersion: number) => Promise<AfterRefusal<T>>
  /**
   * Refreshes credentials that nobody waits for; answers the connection with the new ones, or `null` if somebody else does it
   * or has done it, or it has failed just now.
   *
   * @throws {ConnectorsError} as `ahead`.
   */
  readonly unlessBusy: (connection: Connection<T>) => Promise<Connection<T> | null>
  /** Whether the refresh of a connection has failed so recently that it isn't tried again yet; and of how many that is so. */
  readonly isCooling: (connectionId: string) => boolean
  readonly coolingCount: () => number
}

/** Makes it. */
export function createCredentialRefresh<T extends TenantId>({
  connections,
  renewal,
  store,
  copies,
  outcomes,
  pauses,
  emitter,
  lifecycle,
  clock,
  ids,
  randomness,
  logger,
  options,
}: {
  readonly connections: ConnectionRepository<T>
  readonly renewal: CredentialRenewal<T>
  readonly store: RenewedCredentialsStore<T>
  readonly copies: Pick<GateCopies<T>, 'put' | 'readFresh'>
  readonly outcomes: Pick<ConnectionOutcomes<T>, 'changed'>
  readonly pauses: Pick<ConnectionPauses<T>, 'ended'>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly lifecycle: Pick<Lifecycle, 'signal' | 'track'>
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Pick<Randomness, 'fraction'>
  readonly logger: Logger
  readonly options: Pick<ResolvedOptions, 'breaker' | 'clockSkewMs'>
}): CredentialRefresh<T> {
  const { clockSkewMs } = options
  const cooldown = createRefreshCooldown({ clock, randomness })
  const fresh = createFreshCredentials<T>(clock)
  /** The refreshes of this process that are under way, by connection. */
  const running = new Map<string, Running<T>>()

  const readFresh = async ({ id }: Connection<T>) => refuseDeleted(await copies.readFresh(operatorScope, id))

  const recordLoss = createRecordGrantLoss({
    connections,
    outcomes,
    emitter,
    clock,
    threshold: options.breaker.threshold,
  })

  /** With the lease: asks the provider, and writes its answer before anybody uses it. Whoever closes the library waits for that. */
  const renew = (leased: Connection<T>, owner: string, need: Need): Promise<Connection<T>> =>
    lifecycle.track('credentials.refresh', askAndWrite(leased, owner, need))

  const askAndWrite = async (leased: Connection<T>, owner: string, need: Need): Promise<Connection<T>> => {
    const startedAt = clock.now()
    try {
      const renewed = await renewal.renew(leased)
      const saved = await store.save(leased, renewed)
      copies.put(saved.connection)
      cooldown.over(leased.id)
      if (saved.isOurs) {
        emitter.emit('credentials.refreshed', {
          ...eventBase(saved.connection, clock.now()),
          credentialsVersion: saved.connection.credentialsVersion,
          tokenExpiresAt: saved.connection.tokenExpiresAt,
        })
      }
      return saved.connection
    } catch (error) {
      const isLost = isConnectorsError(error, 'OAUTH_GRANT_INVALID')
      if (isLost || isConnectorsError(error, 'LEASE_LOST')) {
        // Whoever used the refresh token before us has left newer credentials.
        const current = await readFresh(leased)
        if (current.credentialsVersion !== leased.credentialsVersion) return current
      }
      if (isLost) {
        await recordLoss(leased, error.message)
        await giveBack(leased, owner)
        throw grantLost(leased.id, error.message)
      }
      cooldown.begin(leased.id, error)
      // Until they expire the old ones do, and no pause must keep calls from using them.
      if (need === 'refused' || isExpired(leased)) await recordOutage(leased, startedAt, error)
      // What was received and could not be written is still being written, under the lease.
      if (!isConnectorsError(error, 'STORE_UNAVAILABLE')) await giveBack(leased, owner)
      throw error
    }
  }

  const recordOutage = async (connection: Connection<T>, startedAt: Date, error: unknown) => {
    if (!isConnectorsError(error)) return
    const { credentialsVersion } = connection
    await pauses
      .ended({ connection, probeOwner: null }, { startedAt, credentialsVersion }, error)
      .catch((failure: unknown) => {
        logger.error({ err: failure, connectionId: connection.id }, 'an outage of the provider could not be recorded')
      })
  }

  const giveBack = async (leased: Connection<T>, owner: string) => {
    await connections.releaseRefreshLease(leased, { owner, at: clock.now() }).catch((error: unknown) => {
      logger.warn({ err: error, connectionId: leased.id }, 'the right to refresh credentials could not be given back')
    })
  }

  const acquire = (connection: Connection<T>, owner: string) =>
    connections.acquireRefreshLease(connection, {
      owner,
      at: clock.now(),
      leaseMs,
      clockSkewMs,
      expectedCredentialsVersion: connection.credentialsVersion,
    })

  /** One refresh among all processes: by this one, or by the one that holds the lease. */
  const refresh = async (connection: Connection<T>, need: Need): Promise<Connection<T>> => {
    const unsaved = store.unsaved(connection.id)
    if (unsaved !== null) return (await unsaved).connection
    const owner = ids.next()
    // If the other one died, the lease was taken just now by a clock that may be ahead, and is over that much later.
    const givenUpAt = clock.now().getTime() + leaseMs + 2 * clockSkewMs + pollMs.most
    for (let delayMs = pollMs.first; ; delayMs = Math.min(2 * delayMs, pollMs.most)) {
      const at = clock.now()
      const leased = await acquire(connection, owner)
      if (leased !== null && !leased.needsReauthorization) return renew(leased, owner, need)
      if (leased !== null) await giveBack(leased, owner)
      const current = await readFresh(connection)
      if (current.credentialsVersion !== connection.credentialsVersion) return current
      if (current.needsReauthorization) throw grantLost(current.id, 'another process was told so.')
      if (at.getTime() >= givenUpAt) {
        throw new ConnectorsError(
          'STORE_UNAVAILABLE',
          `Another process refreshes the credentials of connection ${connection.id}, and doesn't come to an end. Try again.`,
        )
      }
      if (lifecycle.signal.aborted) throw new ConnectorsError('CLOSED', 'Closed while another process refreshed.')
      await waitOrAbort(clock, delayMs, lifecycle.signal)
    }
  }

  /** Begins a refresh that others in this process can join. */
  const share = (connection: Connection<T>, work: Promise<Connection<T>>): Running<T> => {
    const { id, credentialsVersion: version } = connection
    const entry: Running<T> = {
      version,
      startedAt: clock.now(),
      result: work.finally(() => {
        if (running.get(id) === entry) running.delete(id)
      }),
    }
    running.set(id, entry)
    return entry
  }

  /** Joins the refresh of these credentials that is under way in this process, or begins one. */
  const refreshOnce = (connection: Connection<T>, need: Need): Running<T> => {
    const known = running.get(connection.id)
    return known?.version === connection.credentialsVersion ? known : share(connection, refresh(connection, need))
  }

  /** The same, where the token still works. Whoever it waits for may be dead, or a provider that hangs. */
  const refreshUnhurried = async (connection: Connection<T>): Promise<Connection<T>> => {
    const { startedAt, result } = refreshOnce(connection, 'due')
    const tooLong = () => new ConnectorsError('PROVIDER_UNAVAILABLE', 'The refresh takes its time, and goes on.')
    const leftMs = startedAt.getTime() + holdUpMs - clock.now().getTime()
    return leftMs <= 0 ? connection : withinTime(clock, leftMs, result, tooLong)
  }

  const isExpired = ({ tokenExpiresAt }: Connection<T>) => tokenExpiresAt !== null && clock.now() >= tokenExpiresAt
  const isDue = ({ tokenRefreshAt }: Connection<T>) => tokenRefreshAt !== null && clock.now() >= tokenRefreshAt

  return {
    isDue,
    ahead: async (connection) => {
      if (!isDue(connection)) return connection
      const { id, needsReauthorization } = connection
      const isNeeded = isExpired(connection)
      try {
        if (needsReauthorization) throw grantLost(id, 'it was told so before.')
        if (!isNeeded) return cooldown.isCooling(id) ? connection : await refreshUnhurried(connection)
        cooldown.check(id)
        return await refreshOnce(connection, 'due').result
      } catch (error) {
        if (isNeeded || isConnectorsError(error, 'CONNECTION_NOT_FOUND')) throw error
        // Until they expire the old ones do.
        logger.warn({ err: error, connectionId: id }, 'credentials could not be refreshed ahead of their expiry')
        return connection
      }
    },

    afterRefusal: async (connection, credentialsVersion) => {
      try {
        const current = await readFresh(connection)
        if (current.credentialsVersion !== credentialsVersion) return { status: 'renewed', connection: current }
        // One refresh for a refusal; if what came of it is refused too, the breaker has to know.
        if (current.needsReauthorization || current.authFailureCount > 0 || fresh.has(current))
          return { status: 'refused' }
        if (!(await renewal.isRenewable(current))) return { status: 'refused' }
        cooldown.check(current.id)
        const renewed = await refreshOnce(current, 'refused').result
        fresh.add(renewed)
        return { status: 'renewed', connection: renewed }
      } catch (error) {
        if (isConnectorsError(error, 'AUTHENTICATION_FAILED')) return { status: 'lost', error }
        logger.warn({ err: error, connectionId: connection.id }, 'credentials that were refused could not be refreshed')
        const saysNothing = isConnectorsError(error) && (error.retryable || error.code === 'OAUTH_APP_REFUSED')
        return saysNothing ? { status: 'unknown', error } : { status: 'refused' }
      }
    },

    unlessBusy: async (connection) => {
      const { id } = connection
      if (running.has(id) || store.unsaved(id) !== null || cooldown.isCooling(id)) return null
      const owner = ids.next()
      const leased = await acquire(connection, owner)
      if (leased === null) return null
      if (!leased.needsReauthorization) return share(leased, renew(leased, owner, 'due')).result
      await giveBack(leased, owner)
      return null
    },

    isCooling: cooldown.isCooling,
    coolingCount: cooldown.coolingCount,
  }
}

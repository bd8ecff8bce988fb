import { type Connection, gate } from '../domain/connection.ts'
import { AuthenticationError, isConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import { notOperational } from '../domain/not-operational.ts'
import type { Adapter, AnyProvider } from '../domain/provider.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { AdapterFactory, OpenedAdapter } from './adapter-factory.ts'
import type { CallFacts, ConnectionOutcomes } from './connection-outcomes.ts'
import type { Admission, ConnectionPauses } from './connection-pauses.ts'
import type { CredentialRefresh } from './credential-refresh.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import { untilAborted } from './until-aborted.ts'
import { withoutSecrets } from './without-secrets.ts'

/** What to call, for whom and why. */
export interface Operation<T extends TenantId> {
  readonly scope: Scope<T>
  readonly connectionId: string
  /** For the audit rows, e.g. `sync issues`. */
  readonly action: string
  readonly runId?: string
  readonly signal?: AbortSignal
  /**
   * How old a copy of the connection may be: at most `gateMaxAgeMs` (calls), or not at all (runs and tests).
   */
  readonly read: 'copy' | 'fresh'
  /** A test passes a closed gate, for it is the way in; and its outcome says more. Default: false. */
  readonly isTest?: boolean
  /** An adapter that was opened before and has to be the one that is used: the steps of one generator. */
  readonly opened?: OpenedAdapter
}

/** What the provider's code is run with. */
export interface OperationContext<T extends TenantId> {
  readonly adapter: Adapter
  readonly provider: AnyProvider
  readonly connection: Connection<T>
  readonly opened: OpenedAdapter
}

/**
 * The one door to provider code: gate, open credentials, refresh them if need be, call, audit, record the outcome. After a pause one call goes first.
 * What the call throws comes out redacted; an authentication failure has been counted by then.
 */
export type RunOperation<T extends TenantId> = <R>(
  operation: Operation<T>,
  call: (context: OperationContext<T>) => Promise<R>,
) => Promise<R>

/** Makes the door. */
export function createRunOperation<T extends TenantId>({
  copies,
  adapters,
  refresh,
  outcomes,
  pauses,
  emitter,
  clock,
  logger,
}: {
  readonly copies: GateCopies<T>
  readonly adapters: AdapterFactory<T>
  readonly refresh: CredentialRefresh<T>
  readonly outcomes: ConnectionOutcomes<T>
  readonly pauses: ConnectionPauses<T>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly logger: Logger
}): RunOperation<T> {
  return async (operation, call) => {
    const { scope, connectionId, action, runId = null, signal = null, isTest = false } = operation
    const read = operation.read === 'copy' ? copies.read : copies.readFresh
    const found = refuseDeleted(await read(scope, connectionId))
    const decision = gate(found, clock.now())
    if (!isTest && !decision.isOpen) throw notOperational(found, decision, clock.now())
    let opened = operation.opened ?? (await adapters.open(found))
    const isProbe = !isTest && decision.isOpen && decision.needsProbe
    const admission: Admission<T> = isProbe
      ? await pauses.admitProbe(scope, found)
      : { connection: found, probeOwner: null }
    let { connection } = admission
    let startedAt = clock.now()
    let hasEffects = false
    /** Whether the connection knows already: what a refresh meets is recorded there, once for all who wait for it. */
    let isRecorded = false
    const facts = (): CallFacts => ({ startedAt, credentialsVersion: opened.credentialsVersion, isTest })
    const callOnce = () => {
      startedAt = clock.now()
      const onEffect = () => {
        hasEffects = true
      }
      return opened.run({ action, runId, signal, onEffect }, (adapter) =>
        call({ adapter, provider: opened.provider, connection, opened }),
      )
    }
    const use = async (current: Connection<T>) => {
      // It may have been turned off while the credentials were renewed. A pause is what a probe is let through for.
      const now = gate(current, clock.now())
      if (!isTest && !now.isOpen && now.reason !== 'paused') throw notOperational(current, now, clock.now())
      connection = current
      opened = await adapters.open(current)
    }
    const refreshAhead = async () => {
      try {
        const current = await unlessAborted(signal, () => refresh.ahead(connection))
        if (current.credentialsVersion !== connection.credentialsVersion) await use(current)
      } catch (error) {
        isRecorded = true
        throw error
      }
    }
    /** Answers whether there are newer credentials than those that were refused. */
    const refreshRefused = async (): Promise<boolean> => {
      const { credentialsVersion } = opened
      const after = await unlessAborted(signal, () => refresh.afterRefusal(connection, credentialsVersion))
      if (after.status === 'lost') {
        isRecorded = true
        throw after.error
      }
      if (after.status === 'renewed') await use(after.connection)
      return after.status === 'renewed'
    }
    const callWithLiveCredentials = async () => {
      // A generator stays with the credentials it began with.
      if (operation.opened !== undefined) return callOnce()
      await refreshAhead()
      try {
        return await callOnce()
      } catch (error) {
        if (!isConnectorsError(error, 'AUTHENTICATION_FAILED') || !(await refreshRefused())) throw error
        if (!hasEffects) return callOnce()
        isRecorded = true
        const { message, status } = error
        throw new AuthenticationError(
          `The credentials were refused (${message}). There are new ones by now, but part of the call may have been done already: look, then try again.`,
          { retryable: true, cause: error, ...(status !== undefined && { status }) },
        )
      }
    }

    let result: Awaited<ReturnType<typeof call>>
    try {
      result = await callWithLiveCredentials()
    } catch (thrown) {
      const error = withoutSecrets(thrown, opened.redactor, opened.provider.name)
      if (error.code === 'AUTHENTICATION_FAILED' && !isRecorded) {
        await outcomes.refused(connection, facts(), error.message).catch((failure: unknown) => {
          // The caller has to see why the call failed, not why that could not be written down.
          logger.error({ err: failure, connectionId }, 'an authentication failure could not be recorded')
        })
      }
      const end = isRecorded ? pauses.notBegun(admission) : pauses.ended(admission, facts(), error)
      await end.catch((failure: unknown) => {
        logger.error({ err: failure, connectionId }, 'an outage of the provider could not be recorded')
      })
      // What was called off didn't fail.
      if (error.code === 'ABORTED') throw error
      emitter.emit('operation.failed', {
        ...eventBase(connection, clock.now()),
        action,
        runId,
        code: error.code,
        message: error.message,
      })
      throw error
    }
    try {
      await outcomes.succeeded(connection, facts())
    } catch (error) {
      // The call itself succeeded, and perhaps must not be repeated: its result goes out all the same.
      logger.warn({ err: error, connectionId }, 'the success of a call could not be recorded')
    }
    await pauses.ended(admission, facts(), null).catch((error: unknown) => {
      logger.warn({ err: error, connectionId }, 'the end of a pause could not be recorded')
    })
    return result
  }
}

/** A refresh serves all who wait for it: whoever is called off leaves it alone. */
function unlessAborted<R>(signal: AbortSignal | null, work: () => Promise<R>): Promise<R> {
  return signal === null ? work() : untilAborted(signal, work)
}

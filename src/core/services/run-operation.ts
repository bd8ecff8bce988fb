import { type Connection, gate } from '../domain/connection.ts'
import type { AnyConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import { notOperational } from '../domain/not-operational.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { AdapterFactory, OpenedAdapter } from './adapter-factory.ts'
import type { CallFacts, ConnectionOutcomes } from './connection-outcomes.ts'
import type { Admission, ConnectionPauses } from './connection-pauses.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
import type { LiveCall, PrepareLiveCall } from './live-call.ts'
import type { Operation, OperationContext } from './operation.ts'
import { withoutSecrets } from './without-secrets.ts'

/**
 * The one door to provider code: gate, open credentials, refresh them if need be, call, audit, record the outcome. After a pause one call goes first.
 * What the call throws comes out redacted; an authentication failure has been counted by then.
 */
export type RunOperation<T extends TenantId> = <R>(
  operation: Operation<T>,
  call: (context: OperationContext<T>) => Promise<R>,
) => Promise<R>

/** What was let through, and what it is called with. */
type Admitted<T extends TenantId> = Admission<T> & { readonly opened: OpenedAdapter }

/** Makes the door. */
export function createRunOperation<T extends TenantId>({
  copies,
  adapters,
  prepareLiveCall,
  outcomes,
  pauses,
  emitter,
  clock,
  logger,
}: {
  readonly copies: GateCopies<T>
  readonly adapters: AdapterFactory<T>
  readonly prepareLiveCall: PrepareLiveCall<T>
  readonly outcomes: ConnectionOutcomes<T>
  readonly pauses: ConnectionPauses<T>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly logger: Logger
}): RunOperation<T> {
  /** The same without waiting for anything, where there is nothing to wait for: `null` if there may be. */
  const admitAtOnce = ({
    scope,
    connectionId,
    read,
    isTest = false,
    opened: own,
  }: Operation<T>): Admitted<T> | null => {
    if (read !== 'copy' || isTest) return null
    const connection = copies.recent(scope, connectionId)
    if (connection === null || connection.deletedAt !== null) return null
    const decision = gate(connection, clock.now())
    if (!decision.isOpen || decision.needsProbe) return null
    const opened = own ?? adapters.opened(connection)
    return opened === null ? null : { connection, opened, probeOwner: null }
  }

  /** Through the gate, with opened credentials. */
  const admit = async (operation: Operation<T>): Promise<Admitted<T>> => {
    const { scope, connectionId, isTest = false } = operation
    const read = operation.read === 'copy' ? copies.read : copies.readFresh
    const connection = refuseDeleted(await read(scope, connectionId))
    const decision = gate(connection, clock.now())
    if (!isTest && !decision.isOpen) throw notOperational(connection, decision, clock.now())
    const opened = operation.opened ?? (await adapters.open(connection))
    const isProbe = !isTest && decision.isOpen && decision.needsProbe
    const admission = isProbe ? await pauses.admitProbe(scope, connection) : { connection, probeOwner: null }
    return { ...admission, opened }
  }

  const factsOf = ({ isTest = false }: Operation<T>, live: LiveCall<T, unknown>): CallFacts => {
    const { startedAt, opened } = live.means()
    return { startedAt, credentialsVersion: opened.credentialsVersion, isTest }
  }

  /** Draws the conclusions from a failure; answers what the caller is told. */
  const failed = async (
    operation: Operation<T>,
    admission: Admission<T>,
    live: LiveCall<T, unknown>,
    thrown: unknown,
  ): Promise<AnyConnectorsError> => {
    const { connectionId, action, runId = null } = operation
    const { connection, opened } = live.means()
    const facts = factsOf(operation, live)
    const error = withoutSecrets(thrown, opened.redactor, opened.provider.name)
    if (error.code === 'AUTHENTICATION_FAILED' && !live.isRecorded()) {
      await outcomes.refused(connection, facts, error.message).catch((failure: unknown) => {
        // The caller has to see why the call failed, not why that could not be written down.
        logger.error({ err: failure, connectionId }, 'an authentication failure could not be recorded')
      })
    }
    const end = live.isRecorded() ? pauses.notBegun(admission) : pauses.ended(admission, facts, error)
    await end.catch((failure: unknown) => {
      logger.error({ err: failure, connectionId }, 'an outage of the provider could not be recorded')
    })
    // What was called off didn't fail.
    if (error.code === 'ABORTED') return error
    const { code, message } = error
    emitter.emit('operation.failed', { ...eventBase(connection, clock.now()), action, runId, code, message })
    return error
  }

  /** Whether a success changes anything that is known about the connection. */
  const isNews = (
    { connection: { pausedUntil }, probeOwner }: Admission<T>,
    { id, isConnected, authFailureCount }: Connection<T>,
  ) => !isConnected || authFailureCount > 0 || pausedUntil !== null || probeOwner !== null || pauses.isFailing(id)

  const succeeded = async (operation: Operation<T>, admission: Admission<T>, live: LiveCall<T, unknown>) => {
    const { connectionId } = operation
    const facts = factsOf(operation, live)
    try {
      await outcomes.succeeded(live.means().connection, facts)
    } catch (error) {
      // The call itself succeeded, and perhaps must not be repeated: its result goes out all the same.
      logger.warn({ err: error, connectionId }, 'the success of a call could not be recorded')
    }
    await pauses.ended(admission, facts, null).catch((error: unknown) => {
      logger.warn({ err: error, connectionId }, 'the end of a pause could not be recorded')
    })
  }

  return async (operation, call) => {
    const admission = admitAtOnce(operation) ?? (await admit(operation))
    const live = prepareLiveCall(operation, admission, call)
    let result: Awaited<ReturnType<typeof call>>
    try {
      result = await live.make()
    } catch (thrown) {
      throw await failed(operation, admission, live, thrown)
    }
    if (isNews(admission, live.means().connection)) await succeeded(operation, admission, live)
    return result
  }
}

import { type Connection, gate } from '../domain/connection.ts'
import { eventBase } from '../domain/event-base.ts'
import { notOperational } from '../domain/not-operational.ts'
import type { Adapter, AnyProvider } from '../domain/provider.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { AdapterFactory, OpenedAdapter } from './adapter-factory.ts'
import type { ConnectionOutcomes } from './connection-outcomes.ts'
import type { Admission, ConnectionPauses } from './connection-pauses.ts'
import type { Emitter } from './emitter.ts'
import type { GateCopies } from './gate-copies.ts'
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
 * The one door to provider code: gate, open credentials, call, audit, record the outcome. After a pause one call goes first.
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
  outcomes,
  pauses,
  emitter,
  clock,
  logger,
}: {
  readonly copies: GateCopies<T>
  readonly adapters: AdapterFactory<T>
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
    const opened = operation.opened ?? (await adapters.open(found))
    const isProbe = !isTest && decision.isOpen && decision.needsProbe
    const admission: Admission<T> = isProbe
      ? await pauses.admitProbe(scope, found)
      : { connection: found, probeOwner: null }
    const { connection } = admission
    const facts = {
      startedAt: clock.now(),
      credentialsVersion: opened.credentialsVersion,
      isTest,
    }

    let result: Awaited<ReturnType<typeof call>>
    try {
      result = await opened.run({ action, runId, signal }, (adapter) =>
        call({ adapter, provider: opened.provider, connection, opened }),
      )
    } catch (thrown) {
      const error = withoutSecrets(thrown, opened.redactor, opened.provider.name)
      if (error.code === 'AUTHENTICATION_FAILED') {
        await outcomes.refused(connection, facts, error.message).catch((failure: unknown) => {
          // The caller has to see why the call failed, not why that could not be written down.
          logger.error({ err: failure, connectionId }, 'an authentication failure could not be recorded')
        })
      }
      await pauses.ended(admission, facts, error).catch((failure: unknown) => {
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
      await outcomes.succeeded(connection, facts)
    } catch (error) {
      // The call itself succeeded, and perhaps must not be repeated: its result goes out all the same.
      logger.warn({ err: error, connectionId }, 'the success of a call could not be recorded')
    }
    await pauses.ended(admission, facts, null).catch((error: unknown) => {
      logger.warn({ err: error, connectionId }, 'the end of a pause could not be recorded')
    })
    return result
  }
}

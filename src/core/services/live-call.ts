import { type Connection, gate } from '../domain/connection.ts'
import { AuthenticationError, type ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { notOperational } from '../domain/not-operational.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { AdapterFactory, OpenedAdapter } from './adapter-factory.ts'
import type { CredentialRefresh } from './credential-refresh.ts'
import type { Operation, OperationContext } from './operation.ts'
import { untilAborted } from './until-aborted.ts'

/** What a call is made with: it may have got newer credentials since it was let through. */
export interface CallMeans<T extends TenantId> {
  readonly connection: Connection<T>
  readonly opened: OpenedAdapter
}

/** One call, whose credentials are kept alive. */
export interface LiveCall<T extends TenantId, R> {
  /** Makes it: with credentials that aren't about to expire, and once more with new ones if those were refused. */
  readonly make: () => Promise<R>
  /** What it was made with in the end, and when that began. */
  readonly means: () => CallMeans<T> & { readonly startedAt: Date }
  /** Whether the connection knows why it failed: what a refresh meets is recorded there, once for all who wait for it. */
  readonly isRecorded: () => boolean
}

/** Prepares calls. */
export type PrepareLiveCall<T extends TenantId> = <R>(
  operation: Operation<T>,
  admitted: CallMeans<T>,
  call: (context: OperationContext<T>) => Promise<R>,
) => LiveCall<T, R>

/** Makes it. */
export function createLiveCalls<T extends TenantId>({
  adapters,
  refresh,
  clock,
}: {
  readonly adapters: Pick<AdapterFactory<T>, 'open'>
  readonly refresh: Pick<CredentialRefresh<T>, 'isDue' | 'ahead' | 'afterRefusal'>
  readonly clock: Clock
}): PrepareLiveCall<T> {
  return (operation, admitted, call) => {
    const { action, runId = null, signal = null, isTest = false } = operation
    let { connection, opened } = admitted
    let startedAt = clock.now()
    let hasEffects = false
    let isRecorded = false

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
      if (after.status === 'lost' || after.status === 'unknown') {
        isRecorded = true
        throw after.error
      }
      if (after.status === 'renewed') await use(after.connection)
      return after.status === 'renewed'
    }

    return {
      means: () => ({ connection, opened, startedAt }),
      isRecorded: () => isRecorded,
      make: async () => {
        // A generator stays with the credentials it began with.
        if (operation.opened !== undefined) return callOnce()
        if (refresh.isDue(connection)) await refreshAhead()
        try {
          return await callOnce()
        } catch (error) {
          if (!isConnectorsError(error, 'AUTHENTICATION_FAILED') || !(await refreshRefused())) throw error
          if (!hasEffects) return callOnce()
          isRecorded = true
          throw halfDone(error)
        }
      },
    }
  }
}

function halfDone(refusal: ConnectorsError<'AUTHENTICATION_FAILED'>): AuthenticationError {
  const { message, status } = refusal
  return new AuthenticationError(
    `The credentials were refused (${message}). There are new ones by now, but part of the call may have been done already: look, then try again.`,
    { retryable: true, cause: refusal, ...(status !== undefined && { status }) },
  )
}

/** A refresh serves all who wait for it: whoever is called off leaves it alone. */
function unlessAborted<R>(signal: AbortSignal | null, work: () => Promise<R>): Promise<R> {
  return signal === null ? work() : untilAborted(signal, work)
}

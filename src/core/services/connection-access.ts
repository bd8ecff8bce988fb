import type { TestOutcome } from '../connectors.ts'
import { type Connection, toConnectionView } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError, type ErrorCode, isConnectorsError } from '../domain/errors.ts'
import type { Adapter, AnyProvider, Choice } from '../domain/provider.ts'
import { refuseDeleted } from '../domain/refuse-deleted.ts'
import { requireProviderOf } from '../domain/require-provider-of.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { AdapterFactory } from './adapter-factory.ts'
import { bindAdapter } from './bound-adapter.ts'
import { checkChoices } from './check-choices.ts'
import { abortSignal, checkFields } from './check-fields.ts'
import type { ConnectionOutcomes } from './connection-outcomes.ts'
import type { GateCopies } from './gate-copies.ts'
import type { Lifecycle } from './lifecycle.ts'
import { linkAbort } from './linked-abort.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { RunOperation } from './run-operation.ts'
import { untilAborted } from './until-aborted.ts'

/** The verbs on connections that reach the provider. */
export interface ConnectionAccess<T extends TenantId> {
  readonly test: (scope: Scope<T>, id: string) => Promise<TestOutcome<T>>
  readonly enable: (scope: Scope<T>, id: string) => Promise<TestOutcome<T>>
  readonly choices: (
    scope: Scope<T>,
    id: string,
    field: string,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<readonly Choice[]>
  readonly adapter: (scope: Scope<T>, id: string, provider: AnyProvider) => Promise<Adapter>
}

/** What a failed test means. Anything that isn't listed says nothing about the connection and is thrown. */
const statusByCode: Partial<Record<ErrorCode, TestOutcome['status']>> = {
  AUTHENTICATION_FAILED: 'refused',
  PERMISSION_DENIED: 'refused',
  PROVIDER_REJECTED: 'refused',
  RATE_LIMITED: 'unreachable',
  PROVIDER_UNAVAILABLE: 'unreachable',
  PROVIDER_FAILED: 'unreachable',
  EGRESS_REFUSED: 'unreachable',
}

/** Access to the providers behind connections. */
export function createConnectionAccess<T extends TenantId>({
  connections,
  copies,
  adapters,
  outcomes,
  registry,
  runOperation,
  lifecycle,
  clock,
}: {
  readonly connections: ConnectionRepository<T>
  readonly copies: GateCopies<T>
  readonly adapters: AdapterFactory<T>
  readonly outcomes: ConnectionOutcomes<T>
  readonly registry: Pick<ProviderRegistry, 'of'>
  readonly runOperation: RunOperation<T>
  readonly lifecycle: Pick<Lifecycle, 'verb' | 'signal'>
  readonly clock: Clock
}): ConnectionAccess<T> {
  const view = (connection: Connection<T>) => toConnectionView(connection, clock.now())

  const test = async (scope: Scope<T>, id: string): Promise<TestOutcome<T>> => {
    let status: TestOutcome['status'] = 'connected'
    let message = 'The provider accepts the credentials.'
    try {
      await runOperation(
        { scope, connectionId: id, action: 'test', read: 'fresh', isTest: true },
        ({ adapter, provider }) => provider.test(adapter),
      )
    } catch (error) {
      const known = isConnectorsError(error) ? statusByCode[error.code] : undefined
      if (known === undefined || !(error instanceof Error)) throw error
      status = known
      message = error.message
    }
    return { status, message, connection: view(refuseDeleted(await copies.readFresh(scope, id))) }
  }

  return {
    test,
    enable: async (scope, id) => {
      const connection = refuseDeleted(await copies.readFresh(scope, id))
      const change = await connections.enable(connection, { at: clock.now() })
      if (change === null) throw connectionNotFound(id)
      outcomes.changed(change.before, change.after)
      return test(scope, id)
    },
    choices: async (scope, id, field, options = {}) => {
      checkFields('The options of connections.choices', options, { signal: abortSignal })
      const provider = registry.of(refuseDeleted(await copies.readFresh(scope, id)))
      const { name, choiceFields } = provider
      if (!choiceFields.includes(field)) {
        const known = choiceFields.length === 0 ? 'none' : choiceFields.join(', ')
        throw new ConnectorsError(
          'INVALID_INPUT',
          `${name} tells no choices for ${JSON.stringify(field)}, only for: ${known}.`,
        )
      }
      const { signal, unlink } = linkAbort([options.signal, lifecycle.signal])
      try {
        // What was read above is the copy.
        const operation = { scope, connectionId: id, action: `choices ${field}`, read: 'copy', signal } as const
        return await runOperation(operation, async ({ adapter }) =>
          checkChoices(
            await untilAborted(signal, () => provider.loadChoices(adapter, field, { signal })),
            `${name}.${field}`,
          ),
        )
      } finally {
        unlink()
      }
    },
    adapter: async (scope, id, provider) => {
      const connection = refuseDeleted(await copies.read(scope, id))
      requireProviderOf(connection, provider)
      const opened = await adapters.open(connection)
      return bindAdapter(opened, { scope, connectionId: id }, runOperation, lifecycle.verb)
    },
  }
}

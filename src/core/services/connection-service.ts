import type { z } from 'zod'
import type { NewConnection, SettingsValidation, TransactionalConnectionVerbs } from '../connectors.ts'
import { type Connection, type ConnectionView, toConnectionView } from '../domain/connection.ts'
import { describeIssues } from '../domain/describe-issues.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { JsonObject } from '../domain/json.ts'
import type { AnyProvider } from '../domain/provider.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionPatch, ConnectionRepository } from '../ports/connection-repository.ts'
import type { Ids } from '../ports/randomness.ts'
import { type ConnectionOutcomes, eventBase } from './connection-outcomes.ts'
import type { Emitter } from './emitter.ts'
import { connectionNotFound } from './gate-copies.ts'
import { createListing } from './listing.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import { createSecretSealer } from './secret-sealer.ts'
import type { Vault } from './vault.ts'

/** Deliveries signed with a replaced webhook secret are accepted this much longer, if nothing else is said. */
const defaultGraceMs = 24 * 60 * 60 * 1_000

/** How often a compare-and-set is tried against concurrent writers. */
const maxWriteAttempts = 10

/** The verbs on connections that only touch the store, for any scope. */
export type ConnectionService<T extends TenantId> = Omit<BoundVerbs<T>, 'create'> & {
  readonly create: (tenantId: T, provider: AnyProvider, input: NewConnection<AnyProvider>) => Promise<ConnectionView<T>>
}

type Verbs<T extends TenantId> = TransactionalConnectionVerbs<AnyProvider, T>
type BoundVerbs<T extends TenantId> = {
  readonly [V in keyof Verbs<T>]: (scope: Scope<T>, ...args: Parameters<Verbs<T>[V]>) => ReturnType<Verbs<T>[V]>
}

/** The service over some repositories: the store's own, or those of one transaction. */
export function createConnectionService<T extends TenantId>({
  connections,
  registry,
  vault,
  outcomes,
  emitter,
  clock,
  ids,
}: {
  readonly connections: ConnectionRepository<T>
  readonly registry: ProviderRegistry
  readonly vault: Vault
  readonly outcomes: ConnectionOutcomes<T>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly ids: Ids
}): ConnectionService<T> {
  const sealer = createSecretSealer(vault)
  const view = (connection: Connection<T>) => toConnectionView(connection, clock.now())

  const find = async (scope: Scope<T>, id: string) => {
    const connection = await connections.find({ scope, id })
    if (connection === null) throw connectionNotFound(id)
    return connection
  }

  /** Reads, changes and writes until no one else has written in between. */
  const write = async (
    scope: Scope<T>,
    id: string,
    attempt: (current: Connection<T>) => Promise<Connection<T> | null>,
  ): Promise<Connection<T>> => {
    for (let tries = 0; tries < maxWriteAttempts; tries += 1) {
      const before = await find(scope, id)
      const after = await attempt(before)
      if (after === null) continue
      outcomes.changed(before, after)
      return after
    }
    throw new ConnectorsError('CONFLICT', `Connection ${id} is being changed by others all the time. Try again.`)
  }
  const patch = (scope: Scope<T>, id: string, makePatch: (current: Connection<T>) => Promise<ConnectionPatch>) =>
    write(scope, id, async (current) =>
      connections.update(current, {
        at: clock.now(),
        expectedVersion: current.version,
        patch: await makePatch(current),
      }),
    )

  return {
    create: async (tenantId, provider, input) => {
      registry.require(provider)
      const id = ids.next()
      const at = clock.now()
      const target = { id, tenantId }
      const config = await checkSettings(provider, input.settings ?? {})
      await checkCredentials(provider, input.credentials)
      const connection: Connection<T> = {
        id,
        tenantId,
        providerFamily: provider.family,
        providerName: provider.name,
        displayName: input.displayName ?? provider.label,
        credentialsEncrypted: await sealer.sealCredentials(target, input.credentials),
        credentialsVersion: 1,
        webhookSecretsEncrypted:
          input.webhookSecret === undefined
            ? null
            : await sealer.sealWebhookSecrets(target, [
                { secret: requireSecret(input.webhookSecret), expiresAt: null },
              ]),
        config,
        settingsEncrypted: null,
        slot: provider.allowMultiple ? id : '',
        isEnabled: true,
        isConnected: false,
        authFailureCount: 0,
        lastAuthFailureAt: null,
        disabledReason: null,
        pausedUntil: null,
        pauseReason: null,
        externalAccountId: null,
        version: 1,
        deletedAt: null,
        createdAt: at,
        updatedAt: at,
      }
      try {
        await connections.create(connection)
      } catch (error) {
        if (!isConnectorsError(error, 'CONFLICT')) throw error
        throw new ConnectorsError(
          'CONNECTION_EXISTS',
          `This tenant is connected to ${provider.name} already, and the provider allows one connection. Change that one, or delete it first.`,
          { cause: error },
        )
      }
      emitter.emit('connection.created', { ...eventBase(connection, at), connection: view(connection) })
      return view(connection)
    },

    get: async (scope, id) => view(await find(scope, id)),

    list: (scope, filter = {}) => createListing((page) => connections.list({ scope, filter, ...page }), view),

    update: async (scope, id, { displayName }) => view(await patch(scope, id, async () => ({ displayName }))),

    validateSettings: async (scope, id, settings): Promise<SettingsValidation> => {
      const result = await registry.of(await find(scope, id)).settings.safeParseAsync(settings)
      if (result.success) return { isValid: true }
      const issues = result.error.issues.map((issue) => ({
        path: issue.path.map(String).join('.'),
        message: issue.message,
      }))
      return { isValid: false, issues }
    },

    updateSettings: async (scope, id, settings) =>
      view(
        await patch(scope, id, async (current) => ({ config: await checkSettings(registry.of(current), settings) })),
      ),

    rotateCredentials: async (scope, id, credentials) => {
      const after = await write(scope, id, async (current) => {
        await checkCredentials(registry.of(current), credentials)
        return connections.replaceCredentials(current, {
          at: clock.now(),
          expectedCredentialsVersion: current.credentialsVersion,
          credentialsEncrypted: await sealer.sealCredentials(current, credentials),
        })
      })
      emitter.emit('credentials.rotated', {
        ...eventBase(after, clock.now()),
        credentialsVersion: after.credentialsVersion,
      })
      return view(after)
    },

    rotateWebhookSecret: async (scope, id, { secret, graceMs = defaultGraceMs }) =>
      view(
        await patch(scope, id, async (current) => {
          const now = clock.now()
          const graceEndsAt = new Date(now.getTime() + graceMs)
          const kept = (await sealer.openWebhookSecrets(current, now)).map((old) => ({
            secret: old.secret,
            expiresAt: old.expiresAt !== null && old.expiresAt < graceEndsAt ? old.expiresAt : graceEndsAt,
          }))
          const secrets = [{ secret: requireSecret(secret), expiresAt: null }, ...(graceMs > 0 ? kept : [])]
          return { webhookSecretsEncrypted: await sealer.sealWebhookSecrets(current, secrets) }
        }),
      ),

    disable: async (scope, id, { reason = null } = {}) => {
      const change = await connections.disable(await find(scope, id), { at: clock.now(), reason })
      if (change === null) throw connectionNotFound(id)
      outcomes.changed(change.before, change.after)
      return view(change.after)
    },

    delete: async (scope, id) => {
      const before = await connections.delete(await find(scope, id), { at: clock.now() })
      if (before === null) throw connectionNotFound(id)
      outcomes.forget(before)
      emitter.emit('connection.deleted', eventBase(before, clock.now()))
    },
  }
}

async function checkCredentials(provider: AnyProvider, credentials: unknown): Promise<void> {
  const result = await provider.credentials.safeParseAsync(credentials)
  if (!result.success) throw invalid('INVALID_CREDENTIALS', 'credentials', provider, result.error.issues)
}

/** What is stored are the settings as given: they are parsed again whenever an adapter is built, so that new defaults apply. */
async function checkSettings(provider: AnyProvider, settings: unknown): Promise<JsonObject> {
  const result = await provider.settings.safeParseAsync(settings)
  if (!result.success) throw invalid('INVALID_SETTINGS', 'settings', provider, result.error.issues)
  // zod has checked the fields; the round trip takes over what JSON can hold, which is what the column can hold.
  return JSON.parse(JSON.stringify(settings)) as JsonObject
}

function invalid(
  code: 'INVALID_CREDENTIALS' | 'INVALID_SETTINGS',
  what: string,
  provider: AnyProvider,
  issues: readonly z.core.$ZodIssue[],
): ConnectorsError {
  return new ConnectorsError(code, `The ${what} don't fit the provider ${provider.name}: ${describeIssues(issues)}.`)
}

function requireSecret(secret: string): string {
  if (typeof secret === 'string' && secret.trim() !== '') return secret
  throw new ConnectorsError(
    'INVALID_INPUT',
    'A webhook secret must be a non-empty string: without one, anybody could sign.',
  )
}

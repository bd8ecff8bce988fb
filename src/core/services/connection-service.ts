import type { NewConnection, SettingsValidation, TransactionalConnectionVerbs } from '../connectors.ts'
import { type Connection, type ConnectionView, toConnectionView } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import { eventBase } from '../domain/event-base.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { requireConnectionId } from '../domain/require-connection-id.ts'
import { requireProviderOf } from '../domain/require-provider-of.ts'
import { isStorableText } from '../domain/storable-text.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionFilter, ConnectionPatch, ConnectionRepository } from '../ports/connection-repository.ts'
import type { Ids, Randomness } from '../ports/randomness.ts'
import { anything, checkFields, type FieldCheck, flag, searchText, text } from './check-fields.ts'
import { checkCredentials, requireDisplayName, requireSecret, requireSettings } from './connection-input.ts'
import type { ConnectionOutcomes } from './connection-outcomes.ts'
import { parseSettings } from './connection-settings.ts'
import type { Emitter } from './emitter.ts'
import { createListing } from './listing.ts'
import { pauseEnd } from './pause-end.ts'
import { createPrepareConnection, type PrepareConnection } from './prepare-connection.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import { createSecretSealer, type WebhookSecret } from './secret-sealer.ts'
import { tokenTimes } from './token-times.ts'
import type { Vault } from './vault.ts'

/** Deliveries signed with a replaced webhook secret are accepted this much longer, if nothing else is said. */
const defaultGraceMs = 24 * 60 * 60 * 1_000

/** Characters of an account's id: as many as an indexed column takes in all databases. */
const maxAccountLength = 190

/** How often a compare-and-set is tried against concurrent writers. */
const maxWriteAttempts = 50

/** The verbs on connections that only touch the store, for any scope. */
export type ConnectionService<T extends TenantId> = Omit<BoundVerbs<T>, 'create'> & {
  /** Changes the live webhook secrets, the newest first; answers them as written. */
  readonly changeWebhookSecrets: (
    scope: Scope<T>,
    id: string,
    change: (live: readonly WebhookSecret[]) => readonly WebhookSecret[],
  ) => Promise<readonly WebhookSecret[]>
  readonly setExternalAccount: (
    scope: Scope<T>,
    id: string,
    externalAccountId: string | null,
  ) => Promise<ConnectionView<T>>
  /** A new connection as it would be stored: validated and sealed. */
  readonly prepare: PrepareConnection<T>
  /** Stores it, and tells. @throws {ConnectorsError} `CONNECTION_EXISTS`. */
  readonly insert: (connection: Connection<T>, provider: AnyProvider) => Promise<Connection<T>>
  /** Gives a connection new credentials for its account; `null` if it belongs to another account, and nothing was written. */
  readonly reconnect: (
    scope: Scope<T>,
    id: string,
    change: { readonly credentials: unknown; readonly externalAccountId: string },
  ) => Promise<Connection<T> | null>
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
  randomness,
}: {
  readonly connections: ConnectionRepository<T>
  readonly registry: ProviderRegistry
  readonly vault: Vault
  readonly outcomes: ConnectionOutcomes<T>
  readonly emitter: Pick<Emitter<T>, 'emit'>
  readonly clock: Clock
  readonly ids: Ids
  readonly randomness: Pick<Randomness, 'fraction'>
}): ConnectionService<T> {
  const sealer = createSecretSealer(vault)
  const view = (connection: Connection<T>) => toConnectionView(connection, clock.now())

  const find = async (scope: Scope<T>, id: string) => {
    const connection = await connections.find({ scope, id: requireConnectionId(id) })
    if (connection === null) throw connectionNotFound(id)
    return connection
  }

  const providerOf = (connection: Connection<T>, asked: AnyProvider | undefined) => {
    if (asked !== undefined) requireProviderOf(connection, asked)
    return registry.of(connection)
  }

  /** Reads, changes and writes until no one else has written in between. */
  const write = async (
    scope: Scope<T>,
    id: string,
    attempt: (current: Connection<T>) => Promise<Connection<T> | null>,
  ): Promise<Connection<T>> => {
    for (let tries = 0; tries < maxWriteAttempts; tries += 1) {
      const after = await attempt(await find(scope, id))
      if (after === null) continue
      // None of these writes turns a switch. Compared with what was read, it could seem so: others write in between.
      outcomes.written(after)
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

  const timesOf = (provider: AnyProvider, credentials: unknown) =>
    tokenTimes(provider, credentials, { at: clock.now(), fraction: randomness.fraction() })

  const prepare: PrepareConnection<T> = createPrepareConnection({ sealer, clock, timesOf })

  const insert: ConnectionService<T>['insert'] = async (connection, provider) => {
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
    emitter.emit('connection.created', {
      ...eventBase(connection, connection.createdAt),
      connection: view(connection),
    })
    return connection
  }

  /** Replaces credentials, unless `isWanted` says no; `null` then. */
  const replace = async (
    scope: Scope<T>,
    id: string,
    credentials: unknown,
    {
      asked,
      isWanted = () => true,
    }: { readonly asked?: AnyProvider; readonly isWanted?: (of: Connection<T>) => boolean },
  ): Promise<Connection<T> | null> => {
    let isRefused = false
    const after = await write(scope, id, async (current) => {
      isRefused = !isWanted(current)
      if (isRefused) return current
      const provider = providerOf(current, asked)
      const parsed = await checkCredentials(provider, credentials)
      return connections.replaceCredentials(current, {
        at: clock.now(),
        expectedCredentialsVersion: current.credentialsVersion,
        credentialsEncrypted: await sealer.sealCredentials(current, credentials),
        ...timesOf(provider, parsed),
      })
    })
    if (isRefused) return null
    emitter.emit('credentials.rotated', {
      ...eventBase(after, clock.now()),
      credentialsVersion: after.credentialsVersion,
    })
    return after
  }

  return {
    prepare,
    insert,
    create: async (tenantId, provider, input) => {
      registry.require(provider)
      checkFields('The input of connections.create', input, newConnectionFields)
      return view(await insert(await prepare({ id: ids.next(), tenantId }, provider, input), provider))
    },

    reconnect: async (scope, id, { credentials, externalAccountId }) => {
      const isSame = (known: string | null) => known === null || known === externalAccountId
      const after = await replace(scope, id, credentials, { isWanted: (current) => isSame(current.externalAccountId) })
      if (after === null || after.externalAccountId !== null) return after
      // Whose credentials came last says whose the connection is; the other one is told.
      const isOurs = (current: Connection<T>) => current.credentialsVersion === after.credentialsVersion
      const named = await patch(scope, id, async (current) => (isOurs(current) ? { externalAccountId } : {}))
      return isSame(named.externalAccountId) ? named : null
    },

    get: async (scope, id) => view(await find(scope, id)),

    list: (scope, filter = {}) =>
      createListing(async (page) => {
        checkFields('The filter of connections.list', filter, filterFields)
        return connections.list({ scope, filter, ...page })
      }, view),

    update: async (scope, id, change) => {
      checkFields('The change of connections.update', change, { displayName: anything })
      return view(await patch(scope, id, async () => ({ displayName: requireDisplayName(change.displayName) })))
    },

    setExternalAccount: async (scope, id, externalAccountId) => {
      requireExternalAccount(externalAccountId)
      return view(await patch(scope, id, async () => ({ externalAccountId })))
    },

    validateSettings: async (scope, id, settings): Promise<SettingsValidation> => {
      const connection = await find(scope, id)
      const checked = await parseSettings(registry.of(connection), settings, { connection, sealer })
      if (checked.config !== null) return { isValid: true }
      const issues = checked.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
      return { isValid: false, issues }
    },

    updateSettings: async (scope, id, settings, asked) =>
      view(
        await patch(scope, id, async (connection) => {
          const provider = providerOf(connection, asked)
          const parsed = await parseSettings(provider, settings, { connection, sealer })
          const { config, secrets } = requireSettings(provider, parsed)
          return { config, settingsEncrypted: await sealer.sealSettings(connection, secrets) }
        }),
      ),

    rotateCredentials: async (scope, id, credentials, asked) => {
      const after = await replace(scope, id, credentials, asked === undefined ? {} : { asked })
      if (after === null) throw connectionNotFound(id)
      return view(after)
    },

    rotateWebhookSecret: async (scope, id, change) => {
      checkFields('The change of connections.rotateWebhookSecret', change, { secret: anything, graceMs: anything })
      const { secret, graceMs = defaultGraceMs } = change
      return view(
        await patch(scope, id, async (current) => {
          requireGrace(graceMs)
          const now = clock.now()
          const graceEndsAt = new Date(now.getTime() + graceMs)
          // Without a grace period the old ones needn't open: that is how a lost one is replaced.
          const old = graceMs > 0 ? await sealer.openWebhookSecrets(current, now) : []
          const kept = old.map(({ expiresAt, ...known }) => ({
            ...known,
            expiresAt: expiresAt !== null && expiresAt < graceEndsAt ? expiresAt : graceEndsAt,
          }))
          const secrets = [{ secret: requireSecret(secret), expiresAt: null }, ...kept]
          return { webhookSecretsEncrypted: await sealer.sealWebhookSecrets(current, secrets) }
        }),
      )
    },

    changeWebhookSecrets: async (scope, id, change) => {
      let written: readonly WebhookSecret[] = []
      await write(scope, id, async (current) => {
        const at = clock.now()
        const live = await sealer.openWebhookSecrets(current, at)
        written = change(live)
        if (written === live) return current
        const webhookSecretsEncrypted = await sealer.sealWebhookSecrets(current, written)
        const { version: expectedVersion } = current
        return connections.update(current, { at, expectedVersion, patch: { webhookSecretsEncrypted } })
      })
      return written
    },

    disable: async (scope, id, options = {}) => {
      checkFields('The change of connections.disable', options, { reason: text })
      const { reason = null } = options
      const change = await connections.disable(await find(scope, id), { at: clock.now(), reason })
      if (change === null) throw connectionNotFound(id)
      outcomes.changed(change.before, change.after)
      return view(change.after)
    },

    pause: async (scope, id, request) => {
      const at = clock.now()
      const untilAt = pauseEnd(request, at)
      const { reason = null } = request
      const pause = { at, untilAt, reason, credentialsVersion: null, seenPauseCount: null }
      const paused = await connections.pause(await find(scope, id), pause)
      if (paused === null) return view(await find(scope, id))
      outcomes.paused(paused, 'operator')
      return view(paused)
    },

    resume: async (scope, id) => {
      const resumed = await connections.resume(await find(scope, id), { at: clock.now(), answer: null })
      if (resumed === null) return view(await find(scope, id))
      outcomes.resumed(resumed)
      return view(resumed)
    },

    delete: async (scope, id) => {
      const at = clock.now()
      const before = await connections.delete(await find(scope, id), { at })
      if (before === null) throw connectionNotFound(id)
      outcomes.written(asDeleted(before, at))
      emitter.emit('connection.deleted', eventBase(before, at))
    },
  }
}

/** What has a check of its own says so in its own words. */
const newConnectionFields = {
  displayName: anything,
  credentials: anything,
  settings: anything,
  webhookSecret: anything,
} satisfies Record<keyof NewConnection<AnyProvider>, FieldCheck>

const filterFields = {
  family: text,
  provider: text,
  externalAccountId: text,
  isEnabled: flag,
  isConnected: flag,
  text: searchText,
} satisfies Record<keyof ConnectionFilter, FieldCheck>

function requireExternalAccount(account: unknown): void {
  if (account === null) return
  const isAccount = typeof account === 'string' && account !== '' && isStorableText(account)
  if (isAccount && Array.from(account).length <= maxAccountLength) return
  throw new ConnectorsError(
    'INVALID_INPUT',
    `An external account must be null or a non-empty string of at most ${maxAccountLength} characters, without NUL or halves of surrogate pairs.`,
  )
}

function requireGrace(graceMs: unknown): void {
  if (typeof graceMs === 'number' && Number.isFinite(graceMs) && graceMs >= 0) return
  throw new ConnectorsError('INVALID_INPUT', 'graceMs must be 0 or more milliseconds.')
}

/** What the copies have to know of a connection that was deleted. */
function asDeleted<T extends TenantId>(before: Connection<T>, at: Date): Connection<T> {
  return { ...before, deletedAt: at, isEnabled: false, isConnected: false, version: before.version + 1 }
}

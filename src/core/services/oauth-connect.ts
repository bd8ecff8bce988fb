import type { Connection } from '../domain/connection.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { OAuthAccount, OAuthTokens } from '../domain/oauth.ts'
import type { OAuthState } from '../domain/oauth-state.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { createRedactor, stringsIn } from '../domain/redaction.ts'
import { isStorableText } from '../domain/storable-text.ts'
import { type TenantId, tenantScope } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { OAuthApp, OAuthClient } from '../ports/oauth-client.ts'
import type { Ids } from '../ports/randomness.ts'
import type { AdapterFactory } from './adapter-factory.ts'
import type { AuditedTransport } from './audited-transport.ts'
import type { ConnectionAccess } from './connection-access.ts'
import type { ConnectionService } from './connection-service.ts'
import { openSettings } from './connection-settings.ts'
import { type OAuthApps, refuseOverruled } from './oauth-apps.ts'
import type { OAuthContext } from './oauth-context.ts'
import type { SecretSealer } from './secret-sealer.ts'
import { tokenExchange } from './token-exchange.ts'
import { withoutSecrets } from './without-secrets.ts'

/** As long as the narrowest column. */
const maxAccountIdLength = 191
const maxDisplayNameLength = 200

/** What a consent page answered, and what was remembered for it. */
export interface Consent<T extends TenantId> {
  readonly provider: AnyProvider
  readonly state: OAuthState<T>
  readonly context: OAuthContext
  readonly code: string
  readonly issuer: string | null
  /** All that the browser came back with. */
  readonly query: URLSearchParams
}

/** What became of a consent. `null` = the connection belongs to another account, and nothing was stored. */
export type Connected<T extends TenantId> = { readonly connection: Connection<T>; readonly isNew: boolean } | null

/** Exchanges a code, asks whose the tokens are, and makes the connection, or gives it new credentials. */
export type OAuthConnect<T extends TenantId> = (consent: Consent<T>) => Promise<Connected<T>>

/** Makes it. */
export function createOAuthConnect<T extends TenantId>({
  connections,
  service,
  access,
  apps,
  client,
  adapters,
  sealer,
  transport,
  clock,
  ids,
  signal,
}: {
  readonly connections: ConnectionRepository<T>
  readonly service: ConnectionService<T>
  readonly access: ConnectionAccess<T>
  readonly apps: OAuthApps
  readonly client: OAuthClient
  readonly adapters: AdapterFactory<T>
  readonly sealer: SecretSealer
  readonly transport: AuditedTransport<T>
  readonly clock: Clock
  readonly ids: Ids
  readonly signal: AbortSignal
}): OAuthConnect<T> {
  const exchange = (
    app: OAuthApp,
    { code, issuer, context }: Consent<T>,
    connection: Pick<Connection<T>, 'id' | 'tenantId'>,
  ) => {
    const { redirectUri, codeVerifier } = context
    const secrets = [codeVerifier, code]
    return client.exchange(
      app,
      { code, issuer, redirectUri, codeVerifier },
      tokenExchange({ transport, clock }, { app, connection, action: 'oauth.exchange', secrets, signal }),
    )
  }

  /** Asks with the new credentials, which are stored nowhere yet. */
  const accountOf = async (provider: AnyProvider, draft: Connection<T>, tokens: OAuthTokens) => {
    const opened = await adapters.openDraft(draft)
    const label = { action: 'oauth.account', runId: null, signal }
    try {
      return requireAccount(provider, await opened.run(label, async (a) => provider.oauth?.account(a, tokens)))
    } catch (thrown) {
      throw withoutSecrets(thrown, opened.redactor, provider.name)
    }
  }

  return async (consent) => {
    const { provider, state, context } = consent
    const scope = tenantScope(state.tenantId)
    const { connectionId } = context
    const existing = connectionId === null ? null : await connections.find({ scope, id: connectionId })
    if (connectionId !== null && existing === null) throw connectionNotFound(connectionId)
    const known = existing === null ? context.settings : await openSettings(existing, sealer)
    const parts = await apps.of(provider, known)
    const { app, support, isGenuine } = parts
    if (existing !== null) refuseOverruled(parts, provider, existing.id)
    if (!isGenuine(consent.query)) {
      throw new ConnectorsError(
        'OAUTH_ISSUER_MISMATCH',
        `What came back was not made by ${provider.label}, or for another account than was asked for.`,
      )
    }
    const target = { id: existing?.id ?? ids.next(), tenantId: state.tenantId }

    const tokens = await exchange(app, consent, target)
    const credentials = toCredentials(provider, () => support.credentials(tokens, null), tokens)
    if (existing === null) {
      const draft = await service.prepare(target, provider, { credentials, settings: context.settings })
      const account = await accountOf(provider, draft, tokens)
      const displayName = context.displayName ?? account.displayName ?? provider.label
      const created = await service.insert({ ...draft, displayName, externalAccountId: account.id }, provider)
      await access.test(scope, created.id)
      return { connection: created, isNew: true }
    }
    const draft = { ...existing, credentialsEncrypted: await sealer.sealCredentials(target, credentials) }
    const account = await accountOf(provider, draft, tokens)
    const reconnected = await service.reconnect(scope, existing.id, { credentials, externalAccountId: account.id })
    if (reconnected === null) return null
    // Turned off by the circuit breaker, and not by a person: the reason is gone.
    const isMended = !existing.isEnabled && (existing.authFailureCount > 0 || existing.needsReauthorization)
    await (isMended ? access.enable(scope, existing.id) : access.test(scope, existing.id))
    return { connection: reconnected, isNew: false }
  }
}

function toCredentials(provider: AnyProvider, make: () => unknown, tokens: OAuthTokens): unknown {
  try {
    return make()
  } catch (thrown) {
    throw withoutSecrets(thrown, createRedactor(stringsIn(tokens)), provider.name)
  }
}

function requireAccount({ label }: AnyProvider, account: unknown): OAuthAccount {
  const { id, displayName } = Object(account) as Readonly<Record<string, unknown>>
  const isId = typeof id === 'string' && id.trim() !== '' && id.length <= maxAccountIdLength && isStorableText(id)
  if (!isId) {
    throw new ConnectorsError(
      'PROVIDER_FAILED',
      `${label} tells no account: \`oauth.account\` must answer an id, a text of 1 to ${maxAccountIdLength} characters.`,
    )
  }
  const isName = typeof displayName === 'string' && displayName.trim() !== '' && isStorableText(displayName)
  if (!isName) return { id }
  return { id, displayName: Array.from(displayName).slice(0, maxDisplayNameLength).join('') }
}

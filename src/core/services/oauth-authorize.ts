import { browserCookie, setCookie } from '../domain/browser-cookie.ts'
import { connectionNotFound } from '../domain/connection-not-found.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { requireConnectionId } from '../domain/require-connection-id.ts'
import { requireProviderOf } from '../domain/require-provider-of.ts'
import { type TenantId, tenantScope } from '../domain/tenant.ts'
import type { Authorization, AuthorizeRequest } from '../oauth-verbs.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpTransport } from '../ports/http-transport.ts'
import type { OAuthClient } from '../ports/oauth-client.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { RepositorySet } from '../ports/repositories.ts'
import { anything, checkFields, type FieldCheck, flag, text } from './check-fields.ts'
import { openSettings } from './connection-settings.ts'
import { requireRedirectUri, requireReturnTo } from './oauth-addresses.ts'
import { type OAuthApps, refuseOverruled } from './oauth-apps.ts'
import { hashOf, type OAuthContext, sealOAuthContext } from './oauth-context.ts'
import { toConsentPage } from './oauth-outcome.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { SecretSealer } from './secret-sealer.ts'
import { tokenRequestTimeoutMs } from './token-exchange.ts'
import type { Vault } from './vault.ts'

/** How long a person may take on the consent page. */
const lifetimeMs = 10 * 60 * 1_000

const maxActorLength = 200

/** Begins to connect an account of a tenant, see `OAuthVerbs.authorize`. */
export type Authorize<T extends TenantId> = (
  tenantId: T,
  request: AuthorizeRequest<AnyProvider>,
) => Promise<Authorization>

/** Makes it. */
export function createAuthorize<T extends TenantId>({
  repositories,
  registry,
  apps,
  client,
  vault,
  sealer,
  transport,
  clock,
  randomness,
  options,
}: {
  readonly repositories: Pick<RepositorySet<T>, 'connections' | 'oauthStates'>
  readonly registry: ProviderRegistry
  readonly apps: OAuthApps
  readonly client: OAuthClient
  readonly vault: Vault
  readonly sealer: SecretSealer
  readonly transport: HttpTransport
  readonly clock: Clock
  readonly randomness: Randomness
  readonly options: Pick<ResolvedOptions, 'oauth'>
}): Authorize<T> {
  const secret = () => Buffer.from(randomness.bytes(32)).toString('base64url')

  /** What the connection is to have for settings; looks whether it can be made at all. */
  const settingsFor = async (tenantId: T, { provider, connectionId, settings }: AuthorizeRequest<AnyProvider>) => {
    const scope = tenantScope(tenantId)
    if (connectionId !== undefined) {
      if (settings !== undefined) {
        throw new ConnectorsError('INVALID_INPUT', 'A reconnect keeps the settings: call connections.updateSettings().')
      }
      const connection = await repositories.connections.find({ scope, id: requireConnectionId(connectionId) })
      if (connection === null) throw connectionNotFound(connectionId)
      requireProviderOf(connection, provider)
      return openSettings(connection, sealer)
    }
    if (!provider.allowMultiple) {
      const filter = { family: provider.family, provider: provider.name }
      const { items } = await repositories.connections.list({ scope, filter, limit: 1, after: null })
      const [existing] = items
      if (existing !== undefined) {
        throw new ConnectorsError(
          'CONNECTION_EXISTS',
          `This tenant is connected to ${provider.name} already, and the provider allows one connection. Give connectionId: ${JSON.stringify(existing.id)} to connect it anew.`,
        )
      }
    }
    return settings ?? {}
  }

  return async (tenantId, request) => {
    checkFields('The request of oauth.authorize', request, requestFields)
    const { provider, actor, connectionId, displayName, anyBrowser = false } = request
    registry.require(provider)
    requireActor(actor)
    const { baseUrl, returnToOrigins } = options.oauth
    const redirectUri = requireRedirectUri(request.redirectUri, keyOf(provider, registry), baseUrl)
    const returnTo = requireReturnTo(request.returnTo, redirectUri, returnToOrigins)
    const parts = await apps.of(provider, await settingsFor(tenantId, request))
    if (connectionId !== undefined) refuseOverruled(parts, provider, connectionId)

    const at = clock.now()
    const expiresAt = new Date(at.getTime() + lifetimeMs)
    const state = secret()
    const id = hashOf(state)
    const browserSecret = anyBrowser ? null : secret()
    const context: OAuthContext = {
      actor,
      redirectUri,
      returnTo,
      codeVerifier: parts.support.pkce ? secret() : null,
      browserHash: browserSecret === null ? null : hashOf(browserSecret),
      connectionId: connectionId ?? null,
      settings: connectionId === undefined ? parts.settings : {},
      displayName: displayName ?? null,
    }
    const url = await client.authorizationUrl(
      parts.app,
      {
        redirectUri,
        state,
        codeVerifier: context.codeVerifier,
        scopes: request.scopes ?? parts.scopes,
        parameters: parts.support.authorizeParameters,
      },
      { at, timeoutMs: tokenRequestTimeoutMs, send: transport, signal: null },
    )
    await repositories.oauthStates.create({
      id,
      tenantId,
      providerFamily: provider.family,
      providerName: provider.name,
      contextEncrypted: await sealOAuthContext(vault, { id, tenantId }, context),
      expiresAt,
      createdAt: at,
    })
    const cookie =
      browserSecret === null ? null : setCookie(browserCookie(id, redirectUri), browserSecret, lifetimeMs / 1_000)
    return Object.freeze({ url, cookie, expiresAt, toResponse: () => toConsentPage({ url, cookie }) })
  }
}

const requestFields = {
  provider: anything,
  actor: anything,
  connectionId: text,
  settings: anything,
  displayName: text,
  scopes: {
    is: (value) => Array.isArray(value) && value.every((scope) => typeof scope === 'string' && scope !== ''),
    mustBe: 'a list of texts',
  },
  redirectUri: text,
  returnTo: text,
  anyBrowser: flag,
} satisfies Record<keyof AuthorizeRequest<AnyProvider>, FieldCheck>

function requireActor(actor: unknown): void {
  if (typeof actor === 'string' && actor.trim() !== '' && actor.length <= maxActorLength) return
  throw new ConnectorsError(
    'INVALID_INPUT',
    `The actor of oauth.authorize must be a text of at most ${maxActorLength} characters that says who asks, e.g. the id of the user.`,
  )
}

/** What stands for the provider in the redirect URI: its name, with its family where the name alone isn't enough. */
function keyOf({ family, name }: AnyProvider, registry: ProviderRegistry): string {
  return registry.list().filter((other) => other.name === name).length === 1 ? name : `${family}.${name}`
}

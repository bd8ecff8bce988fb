import { describeIssues } from '../domain/describe-issues.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { OAuthServer, OAuthSupport } from '../domain/oauth.ts'
import type { Adapter, AnyProvider } from '../domain/provider.ts'
import type { ResolvedOptions } from '../options.ts'
import type { OAuthApp } from '../ports/oauth-client.ts'
import { conceal } from './conceal.ts'
import type { ProviderRegistry } from './provider-registry.ts'

/** A provider's declaration and the application that is registered there, for some settings. */
export interface OAuthParts {
  readonly support: OAuthSupport<unknown, unknown, Adapter>
  readonly app: OAuthApp
  /** Whether the provider made what a browser came back with, as far as it proves that. */
  readonly isGenuine: (query: URLSearchParams) => boolean
  /** What to ask for. */
  readonly scopes: readonly string[]
  /** The settings, with those that only the application's owner decides as he has decided. Not parsed: as they are given. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Those of them that were given otherwise. A connection that has them so is not one to what the application is for. */
  readonly overruled: readonly string[]
}

/** The applications of the option `oauth.apps`. */
export interface OAuthApps {
  /** Whether accounts can be connected on a consent page here. */
  readonly has: (provider: AnyProvider) => boolean
  /** The client secret of a provider's application; `null` without one. */
  readonly secretOf: (provider: AnyProvider) => string | null
  /**
   * @param settings - of the connection, as they are given or stored. What a tenant says of settings that he can't choose
   *   is overruled, so that the application's secret can't be lured anywhere.
   * @throws {ConnectorsError} `OAUTH_UNSUPPORTED` when the provider has no OAuth, or no application is configured;
   *   `INVALID_SETTINGS`.
   */
  readonly of: (provider: AnyProvider, settings: Readonly<Record<string, unknown>>) => Promise<OAuthParts>
}

/**
 * The applications by provider.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` when one is for no provider, for one without OAuth, or lacks its secret.
 */
export function createOAuthApps(apps: ResolvedOptions['oauth']['apps'], registry: ProviderRegistry): OAuthApps {
  const byProvider = new Map<AnyProvider, ResolvedOptions['oauth']['apps'][string]>()
  for (const [name, app] of Object.entries(apps)) {
    const provider = registered(registry, name)
    const who = `createConnectors: oauth.apps["${name}"]`
    if (provider.oauth === null) {
      throw new ConnectorsError('INVALID_OPTIONS', `${who}: the provider declares no OAuth.`)
    }
    if (byProvider.has(provider)) throw new ConnectorsError('INVALID_OPTIONS', `${who}: the provider has two.`)
    if (app.clientSecret === undefined && provider.oauth.clientAuthentication !== 'none') {
      throw new ConnectorsError('INVALID_OPTIONS', `${who}: clientSecret is missing.`)
    }
    byProvider.set(provider, app)
  }

  return {
    has: (provider) => byProvider.has(provider),
    secretOf: (provider) => byProvider.get(provider)?.clientSecret ?? null,
    of: async (provider, given) => {
      const { oauth, label, name } = provider
      if (oauth === null) {
        throw new ConnectorsError('OAUTH_UNSUPPORTED', `${label} has no consent page: its credentials are typed in.`)
      }
      const configured = byProvider.get(provider)
      if (configured === undefined) {
        throw new ConnectorsError(
          'OAUTH_UNSUPPORTED',
          `No application is configured for ${label}: add oauth: { apps: { ${JSON.stringify(name)}: { clientId, clientSecret } } } to the options of createConnectors.`,
        )
      }
      const chosen = Object.entries(given).filter(([setting]) => !oauth.fixedSettings.includes(setting))
      const settings = { ...Object.fromEntries(chosen), ...configured.settings }
      const parsed = await provider.settings.safeParseAsync(settings)
      if (!parsed.success) {
        throw new ConnectorsError(
          'INVALID_SETTINGS',
          `The settings don't fit the provider ${name}: ${describeIssues(parsed.error.issues)}.`,
        )
      }
      const asGiven = await provider.settings.safeParseAsync(given)
      return {
        support: oauth,
        overruled: oauth.fixedSettings.filter((name) => memberOf(asGiven.data, name) !== memberOf(parsed.data, name)),
        scopes: configured.scopes ?? oauth.scopes,
        settings,
        isGenuine: (query) =>
          oauth.checkCallback({
            query,
            clientId: configured.clientId,
            clientSecret: configured.clientSecret ?? null,
            settings: parsed.data,
          }),
        app: conceal({
          label,
          clientId: configured.clientId,
          clientSecret: configured.clientSecret ?? null,
          clientAuthentication: oauth.clientAuthentication,
          server: requireServer(label, oauth.server(parsed.data)),
          scopeSeparator: oauth.scopeSeparator,
          tokenParameters: oauth.tokenParameters,
          quirks: oauth.quirks,
        }),
      }
    },
  }
}

/**
 * Whether a consent can be for a connection: what its adapter says about the account has to come from where the application
 * is registered, and not from a server that its tenant chose.
 *
 * @throws {ConnectorsError} `INVALID_SETTINGS`.
 */
export function refuseOverruled({ overruled }: OAuthParts, { label }: AnyProvider, connectionId: string): void {
  if (overruled.length === 0) return
  throw new ConnectorsError(
    'INVALID_SETTINGS',
    `Connection ${connectionId} leads elsewhere than the application for ${label}, by its ${overruled.map((name) => `\`${name}\``).join(', ')}: take that out with connections.updateSettings(), or make a new connection.`,
  )
}

/** As text, so that two that were parsed can be compared. */
function memberOf(settings: unknown, name: string): string | undefined {
  return JSON.stringify((Object(settings) as Readonly<Record<string, unknown>>)[name])
}

function registered(registry: ProviderRegistry, name: string): AnyProvider {
  try {
    return registry.get(name)
  } catch (cause) {
    const message = cause instanceof Error ? ` ${cause.message}` : ''
    throw new ConnectorsError(
      'INVALID_OPTIONS',
      `createConnectors: oauth.apps names ${JSON.stringify(name)}.${message}`,
    )
  }
}

/** What is made of settings was not checked when the provider was defined. */
function requireServer(label: string, server: OAuthServer): OAuthServer {
  const { authorizationUrl, tokenUrl, issuer } = server
  const urls = authorizationUrl === undefined ? [issuer] : [authorizationUrl, tokenUrl]
  if (urls.every((url) => URL.canParse(url))) return server
  throw new ConnectorsError(
    'INVALID_PROVIDER',
    `${label}: the addresses of its authorization server must be absolute URLs.`,
  )
}

import type { Connection } from '../domain/connection.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { StoredTokens } from '../domain/oauth.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { OAuthClient } from '../ports/oauth-client.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { AuditedTransport } from './audited-transport.ts'
import { openSettings } from './connection-settings.ts'
import type { OAuthApps } from './oauth-apps.ts'
import type { ProviderRegistry } from './provider-registry.ts'
import type { SecretSealer } from './secret-sealer.ts'
import { tokenExchange, tokenRequestTimeoutMs } from './token-exchange.ts'
import { type TokenTimes, tokenTimes } from './token-times.ts'

/** Credentials as the provider has just given them. */
export interface RenewedCredentials extends TokenTimes {
  /** In the form that the provider's schema takes. */
  readonly credentials: unknown
}

/** Asks providers for new credentials in exchange for those that a connection has. */
export interface CredentialRenewal<T extends TenantId> {
  /** Whether there is anything to ask for: the credentials hold a refresh token, and the provider's application is configured. */
  readonly isRenewable: (connection: Connection<T>) => Promise<boolean>
  /**
   * One request. Whoever makes it holds the connection's refresh lease.
   *
   * @throws {ConnectorsError} `LEASE_LOST`, without a request, when the lease won't outlast it: this process stood still.
   * @throws {ConnectorsError} `OAUTH_GRANT_INVALID` when the grant is lost; what the requests of an `OAuthClient` throw; and what
   *   opening the credentials throws.
   */
  readonly renew: (connection: Connection<T>) => Promise<RenewedCredentials>
}

/** Renewal by the refresh tokens of OAuth 2. */
export function createCredentialRenewal<T extends TenantId>({
  registry,
  apps,
  sealer,
  client,
  transport,
  clock,
  randomness,
}: {
  readonly registry: Pick<ProviderRegistry, 'of'>
  readonly apps: OAuthApps
  readonly sealer: Pick<SecretSealer, 'openCredentials' | 'openSettings'>
  readonly client: Pick<OAuthClient, 'refresh'>
  readonly transport: AuditedTransport<T>
  readonly clock: Clock
  readonly randomness: Pick<Randomness, 'fraction'>
}): CredentialRenewal<T> {
  const open = async (connection: Connection<T>) => {
    const provider = registry.of(connection)
    if (provider.oauth === null || !apps.has(provider)) return null
    const parsed = await provider.credentials.safeParseAsync(await sealer.openCredentials(connection))
    if (!parsed.success) return null
    const stored: StoredTokens = provider.oauth.tokens(parsed.data)
    const { refreshToken } = stored
    return refreshToken === null ? null : { provider, credentials: parsed.data, refreshToken }
  }

  return {
    isRenewable: async (connection) => (await open(connection)) !== null,

    renew: async (connection) => {
      const opened = await open(connection)
      if (opened === null) {
        throw new ConnectorsError(
          'OAUTH_UNSUPPORTED',
          `The credentials of connection ${connection.id} can't be refreshed here: ${connection.providerName} declares no OAuth any more, oauth.apps has no application for it, or they hold no refresh token.`,
        )
      }
      const { provider, credentials, refreshToken } = opened
      const { app, support } = await apps.of(provider, await openSettings(connection, sealer))
      // Whoever is called off meanwhile, or closes the library: the answer is worth a grant.
      const sent = { app, connection, action: 'oauth.refresh', secrets: [refreshToken], signal: null } as const
      const exchange = tokenExchange({ transport, clock }, sent)
      const send: typeof exchange.send = (request) => {
        refuseLate(connection, clock.now())
        return exchange.send(request)
      }
      const tokens = await client.refresh(app, { refreshToken }, { ...exchange, send })
      const input = support.credentials({ ...tokens, refreshToken: tokens.refreshToken ?? refreshToken }, credentials)
      const parsed = await provider.credentials.safeParseAsync(input)
      if (!parsed.success) {
        throw new ConnectorsError(
          'INVALID_PROVIDER',
          `${provider.name}: what \`oauth.credentials\` makes of refreshed tokens doesn't fit the provider's credentials.`,
        )
      }
      const times = tokenTimes(provider, parsed.data, { at: clock.now(), fraction: randomness.fraction() })
      return { credentials: input, ...times }
    },
  }
}

/** Another process may take the lease over when it ends, and would then send the same refresh token. */
function refuseLate({ id, refreshLeaseExpiresAt }: Connection, at: Date): void {
  const leftMs = (refreshLeaseExpiresAt?.getTime() ?? 0) - at.getTime()
  if (leftMs >= tokenRequestTimeoutMs) return
  throw new ConnectorsError(
    'LEASE_LOST',
    `The right to refresh the credentials of connection ${id} is all but over: this process stood still. Nothing was sent.`,
  )
}

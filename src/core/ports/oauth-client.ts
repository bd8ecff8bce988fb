import type { ClientAuthentication, OAuthServer, OAuthTokens, TokenQuirks } from '../domain/oauth.ts'
import type { HttpTransport } from './http-transport.ts'

/** An application that is registered at an authorization server. Prints as `[redacted]`. */
export interface OAuthApp {
  /** For messages, e.g. `GitHub`. */
  readonly label: string
  readonly clientId: string
  /** `null` with `clientAuthentication: 'none'`. */
  readonly clientSecret: string | null
  readonly clientAuthentication: ClientAuthentication
  readonly server: OAuthServer
  readonly scopeSeparator: string
  readonly tokenParameters: Readonly<Record<string, string>>
  readonly quirks: TokenQuirks
}

/** How a request goes out. */
export interface OAuthExchange {
  /** The present: what `expires_in` counts from. */
  readonly at: Date
  /** For all of it, the look-up of the server's metadata included. */
  readonly timeoutMs: number
  readonly send: HttpTransport
  readonly signal: AbortSignal | null
}

/**
 * Speaks OAuth 2 with authorization servers. All verbs throw {@link ConnectorsError}, with no secret in the message:
 *
 * - `OAUTH_GRANT_INVALID`: the code or the refresh token isn't good, or no longer (`invalid_grant`).
 * - `OAUTH_APP_REFUSED`: the server doesn't know the application, or refuses its secret (`invalid_client`,
 *   `unauthorized_client`). Says nothing about the grant.
 * - `RATE_LIMITED`, `PROVIDER_UNAVAILABLE`: 429; a network failure, a time-out, 5xx, or an answer that isn't one.
 * - `PROVIDER_REJECTED`: another error of OAuth's own, e.g. `invalid_scope`.
 * - `EGRESS_REFUSED`, `ABORTED`, `CLOSED`: as the transport says.
 */
export interface OAuthClient {
  /** The URL of the consent page. A request goes out only if the server's metadata have to be looked up. */
  readonly authorizationUrl: (
    app: OAuthApp,
    request: {
      readonly redirectUri: string
      readonly state: string
      /** What proves at the exchange that it is the same client; `null` = no PKCE. */
      readonly codeVerifier: string | null
      readonly scopes: readonly string[]
      readonly parameters: Readonly<Record<string, string>>
    },
    exchange: OAuthExchange,
  ) => Promise<string>

  /**
   * Exchanges a code for tokens. Not tried again by itself: a code works once.
   *
   * @throws {ConnectorsError} also `OAUTH_ISSUER_MISMATCH`, without a request, when `issuer` isn't the server's, or is missing
   *   although the server's metadata promise it.
   */
  readonly exchange: (
    app: OAuthApp,
    grant: {
      readonly code: string
      /** The parameter `iss` of the answer (RFC 9207); `null` = there is none. */
      readonly issuer: string | null
      readonly redirectUri: string
      readonly codeVerifier: string | null
    },
    exchange: OAuthExchange,
  ) => Promise<OAuthTokens>

  /**
   * Exchanges a refresh token for new tokens. Not tried again by itself: many servers revoke a grant whose refresh token is
   * used twice. An answer without a refresh token has `refreshToken: null`: the old one goes on working.
   */
  readonly refresh: (
    app: OAuthApp,
    grant: { readonly refreshToken: string },
    exchange: OAuthExchange,
  ) => Promise<OAuthTokens>
}

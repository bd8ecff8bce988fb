import type * as oauth from 'oauth4webapi'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { JsonObject } from '../../core/domain/json.ts'
import type { OAuthTokens } from '../../core/domain/oauth.ts'
import { createRedactor } from '../../core/domain/redaction.ts'
import type { OAuthApp, OAuthClient, OAuthExchange } from '../../core/ports/oauth-client.ts'
import { createMetadataCache } from './oauth-metadata.ts'
import { createTokenFetch } from './oauth-token-fetch.ts'
import { tokenFailure } from './token-failure.ts'

/** OAuth 2 on oauth4webapi, which is loaded with the first request. What it sends goes out by the transport it is handed. */
export function createOAuthClient(): OAuthClient {
  const metadataOf = createMetadataCache()

  /** One request to the token endpoint, and what came of it. */
  const ask = async (
    app: OAuthApp,
    exchange: OAuthExchange,
    { secrets, takesIdToken }: { readonly secrets: readonly (string | null)[]; readonly takesIdToken: boolean },
    request: (parts: {
      readonly library: typeof oauth
      readonly server: oauth.AuthorizationServer
      readonly client: oauth.Client
      readonly auth: oauth.ClientAuth
      readonly options: oauth.TokenEndpointRequestOptions
    }) => Promise<oauth.TokenEndpointResponse>,
  ): Promise<OAuthTokens> => {
    const library = await import('oauth4webapi')
    const client: oauth.Client = { client_id: app.clientId }
    const within = withDeadline(exchange)
    const server = await metadataOf(app, within())
    const tokenFetch = createTokenFetch(app, within(), takesIdToken)
    try {
      const answer = await request({
        library,
        server,
        client,
        auth: clientAuth(library, app),
        options: {
          [library.customFetch]: tokenFetch.fetch,
          // The egress guard decides about http.
          [library.allowInsecureRequests]: true,
          additionalParameters: app.tokenParameters,
        },
      })
      return toTokens(library, answer, exchange.at)
    } catch (error) {
      const { text } = createRedactor([app.clientSecret, ...secrets].filter((secret) => secret !== null))
      throw tokenFailure(error, { label: app.label, response: tokenFetch.last(), at: exchange.at, redact: text })
    }
  }

  return {
    authorizationUrl: async (app, request, exchange) => {
      const { authorization_endpoint: endpoint } = await metadataOf(app, exchange)
      const url = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint) : null
      if (url === null || !/^https?:$/.test(url.protocol)) {
        throw new ConnectorsError('PROVIDER_REJECTED', `${app.label} names no consent page that a browser can open.`)
      }
      const library = await import('oauth4webapi')
      const parameters: Record<string, string> = {
        ...request.parameters,
        response_type: 'code',
        client_id: app.clientId,
        redirect_uri: request.redirectUri,
        ...(request.scopes.length > 0 && { scope: request.scopes.join(app.scopeSeparator) }),
        state: request.state,
        ...(request.codeVerifier !== null && {
          code_challenge: await library.calculatePKCECodeChallenge(request.codeVerifier),
          code_challenge_method: 'S256',
        }),
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },

    exchange: (app, { code, issuer, redirectUri, codeVerifier }, exchange) =>
      ask(
        app,
        exchange,
        { secrets: [code, codeVerifier], takesIdToken: true },
        async ({ library, server, client, auth, options }) => {
          const parameters = checkIssuer(library, app, server, { code, issuer })
          const response = await library.authorizationCodeGrantRequest(
            server,
            client,
            auth,
            parameters,
            redirectUri,
            codeVerifier ?? library.nopkce,
            options,
          )
          return library.processAuthorizationCodeResponse(server, client, response)
        },
      ),

    refresh: (app, { refreshToken }, exchange) =>
      // Who it is for was told when the account was connected.
      ask(
        app,
        exchange,
        { secrets: [refreshToken], takesIdToken: false },
        async ({ library, server, client, auth, options }) =>
          library.processRefreshTokenResponse(
            server,
            client,
            await library.refreshTokenGrantRequest(server, client, auth, refreshToken, options),
          ),
      ),
  }
}

/** What is left of the time, whenever it is asked for. */
function withDeadline(exchange: OAuthExchange): () => OAuthExchange {
  const endsAt = performance.now() + exchange.timeoutMs
  return () => ({ ...exchange, timeoutMs: Math.max(1, Math.ceil(endsAt - performance.now())) })
}

function clientAuth(library: typeof oauth, { clientAuthentication, clientSecret }: OAuthApp): oauth.ClientAuth {
  if (clientAuthentication === 'none' || clientSecret === null) return library.None()
  return clientAuthentication === 'client_secret_post'
    ? library.ClientSecretPost(clientSecret)
    : library.ClientSecretBasic(clientSecret)
}

/** RFC 9207. An issuer that is told can be checked only where the server's is known. */
function checkIssuer(
  library: typeof oauth,
  app: OAuthApp,
  server: oauth.AuthorizationServer,
  { code, issuer }: { readonly code: string; readonly issuer: string | null },
): URLSearchParams {
  const isChecked = issuer !== null && app.server.issuer !== undefined
  try {
    return library.validateAuthResponse(
      server,
      { client_id: app.clientId },
      new URLSearchParams(isChecked ? { code, iss: issuer } : { code }),
      library.skipStateCheck,
    )
  } catch {
    throw new ConnectorsError(
      'OAUTH_ISSUER_MISMATCH',
      `The answer to the consent page of ${app.label} ${isChecked ? 'names another authorization server' : 'does not name the authorization server'}: it may come from somebody else. Its code was not used.`,
    )
  }
}

function toTokens(library: typeof oauth, answer: oauth.TokenEndpointResponse, at: Date): OAuthTokens {
  const { access_token, refresh_token, expires_in, scope } = answer
  const expiresAt = expires_in === undefined ? null : new Date(at.getTime() + expires_in * 1_000)
  return {
    accessToken: access_token,
    refreshToken: refresh_token ?? null,
    expiresAt,
    scopes: scope === undefined ? null : scope.split(/[\s,]+/).filter((name) => name !== ''),
    // Made by JSON.parse(), both of them.
    claims: (library.getValidatedIdTokenClaims(answer) as JsonObject | undefined) ?? null,
    answer: answer as JsonObject,
  }
}

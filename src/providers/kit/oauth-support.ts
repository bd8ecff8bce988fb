import type { OAuthDefinition, OAuthSupport } from '../../core/domain/oauth.ts'

/** A declaration with its defaults filled in. */
export function oauthSupport<CredentialsInput, Credentials, Settings, A>(
  definition: OAuthDefinition<CredentialsInput, Credentials, Settings, A>,
): OAuthSupport<Credentials, Settings, A> {
  const { server } = definition
  return {
    scopes: definition.scopes ?? [],
    scopeSeparator: definition.scopeSeparator ?? ' ',
    pkce: definition.pkce ?? true,
    clientAuthentication: definition.clientAuthentication ?? 'client_secret_basic',
    authorizeParameters: definition.authorizeParameters ?? {},
    tokenParameters: definition.tokenParameters ?? {},
    quirks: definition.quirks ?? {},
    fixedSettings: definition.fixedSettings ?? [],
    server: (settings) => (typeof server === 'function' ? server(settings) : server),
    checkCallback: (answer) => definition.checkCallback?.(answer) ?? true,
    credentials: (tokens, previous) => definition.credentials(tokens, previous),
    tokens: (credentials) => definition.tokens(credentials),
    account: (adapter, tokens) => definition.account(adapter, tokens),
  }
}

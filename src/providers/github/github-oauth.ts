import type { JsonObject } from '../../core/domain/json.ts'
import type { OAuthDefinition, OAuthServer } from '../../core/domain/oauth.ts'
import type { GitHubAccount } from './github-account.ts'

/** The credentials that hold what the consent page gave. */
interface GitHubCredentials {
  readonly token: string
  readonly refreshToken?: string | undefined
  readonly expiresAt?: string | undefined
}

type GitHubOAuth = OAuthDefinition<
  GitHubCredentials,
  GitHubCredentials,
  { readonly baseUrl: string },
  { readonly getAccount: () => Promise<GitHubAccount> }
>

/** GitHub's own names for what RFC 6749 calls otherwise; all of them come with HTTP 200. */
const errorNames: Readonly<Record<string, string>> = {
  bad_verification_code: 'invalid_grant',
  bad_refresh_token: 'invalid_grant',
  incorrect_client_credentials: 'invalid_client',
}

/**
 * OAuth apps, whose tokens don't expire, and user tokens of GitHub Apps, which do after eight hours, and whose refresh tokens
 * work once.
 *
 * https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
 */
export const githubOAuth: GitHubOAuth = {
  server: ({ baseUrl }) => serverOf(baseUrl),
  // A tenant could lead the application's secret to a server of his own.
  fixedSettings: ['baseUrl'],
  // Of OAuth apps; those of a GitHub App are fixed in its registration, and these are ignored.
  scopes: ['repo'],
  clientAuthentication: 'client_secret_post',
  quirks: { rewrite: withStandardError },
  credentials: ({ accessToken, refreshToken, expiresAt }) => ({
    token: accessToken,
    ...(refreshToken !== null && { refreshToken }),
    ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
  }),
  tokens: ({ refreshToken, expiresAt }) => ({
    refreshToken: refreshToken ?? null,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
  }),
  account: async (adapter) => {
    const { id, login } = await adapter.getAccount()
    return { id: String(id), displayName: login }
  },
}

/** People sign in at the site, not at the API: `https://api.<site>`, or `https://<site>/api/v3` of an own server. */
function serverOf(baseUrl: string): OAuthServer {
  const { protocol, host } = new URL(baseUrl)
  const site = `${protocol}//${host.replace(/^api\./, '')}/login/oauth`
  return { authorizationUrl: `${site}/authorize`, tokenUrl: `${site}/access_token` }
}

function withStandardError(answer: JsonObject): JsonObject {
  const { error } = answer
  const standard = typeof error === 'string' && Object.hasOwn(errorNames, error) ? errorNames[error] : undefined
  return standard === undefined ? answer : { ...answer, error: standard }
}

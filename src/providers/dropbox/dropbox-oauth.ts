import type { OAuthDefinition } from '../kit/index.ts'
import type { DropboxAccount } from './dropbox-account.ts'
import type { DropboxCredentials } from './dropbox-credentials.ts'
import type { DropboxHosts } from './dropbox-hosts.ts'
import type { DropboxSettings } from './dropbox-settings.ts'

interface Accounts {
  readonly getAccount: () => Promise<DropboxAccount>
}

/**
 * Tokens that end after four hours, with a refresh token that stays the same: refreshing answers no other one.
 *
 * https://developers.dropbox.com/oauth-guide
 */
export function dropboxOAuth(
  hosts: DropboxHosts,
): OAuthDefinition<DropboxCredentials, DropboxCredentials, DropboxSettings, Accounts> {
  return {
    server: { authorizationUrl: `${hosts.web}/oauth2/authorize`, tokenUrl: `${hosts.api}/oauth2/token` },
    clientAuthentication: 'client_secret_post',
    scopes: ['account_info.read', 'files.metadata.read', 'files.content.read'],
    // Without it there is no refresh token.
    authorizeParameters: { token_access_type: 'offline' },
    credentials: ({ accessToken, refreshToken, expiresAt }) => ({
      accessToken,
      ...(refreshToken !== null && { refreshToken }),
      ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
    }),
    tokens: ({ refreshToken, expiresAt }) => ({
      refreshToken: refreshToken ?? null,
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    }),
    async account(adapter) {
      const { id, email } = await adapter.getAccount()
      return { id, displayName: email }
    },
  }
}

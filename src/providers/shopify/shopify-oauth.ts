import type { z } from 'zod'
import type { OAuthDefinition } from '../kit/index.ts'
import { isSignedByShopify } from './callback-hmac.ts'
import type { shopifyCredentials } from './shopify-credentials.ts'
import type { ShopifySettings } from './shopify-settings.ts'

interface Shop {
  getShop(): Promise<{ readonly domain: string; readonly name: string }>
}

type Credentials = z.output<typeof shopifyCredentials>

/**
 * Offline tokens, which end after an hour and are refreshed:
 * https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens. Each shop has its own
 * authorization server, under its own domain. Shopify knows no PKCE; what comes back is signed instead.
 */
export function shopifyOAuth(
  originOf: (shop: string) => string,
): OAuthDefinition<z.input<typeof shopifyCredentials>, Credentials, ShopifySettings, Shop> {
  return {
    server: ({ shop }) => ({
      authorizationUrl: `${originOf(shop)}/admin/oauth/authorize`,
      tokenUrl: `${originOf(shop)}/admin/oauth/access_token`,
    }),
    scopes: ['read_orders', 'read_products', 'read_customers'],
    scopeSeparator: ',',
    pkce: false,
    clientAuthentication: 'client_secret_post',
    tokenParameters: { expiring: '1' },
    quirks: { lacksTokenType: true },
    checkCallback: ({ query, clientSecret, settings }) =>
      clientSecret !== null &&
      isSignedByShopify(query, clientSecret) &&
      query.get('shop')?.toLowerCase() === settings.shop,
    credentials: ({ accessToken, refreshToken, expiresAt }, previous) => ({
      accessToken,
      ...(refreshToken !== null && { refreshToken }),
      ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
      ...(previous?.apiSecretKey !== undefined && { apiSecretKey: previous.apiSecretKey }),
    }),
    tokens: ({ refreshToken, expiresAt }) => ({
      refreshToken: refreshToken ?? null,
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    }),
    async account(adapter) {
      const { domain, name } = await adapter.getShop()
      return { id: domain, displayName: name }
    },
  }
}

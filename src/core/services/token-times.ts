import type { AnyProvider } from '../domain/provider.ts'

/** So long before its end an access token is renewed, at most. */
const mostAheadMs = 10 * 60 * 1_000

/** When the access token in some credentials stops working, and from when on it is to be renewed. */
export interface TokenTimes {
  readonly tokenExpiresAt: Date | null
  readonly tokenRefreshAt: Date | null
}

/**
 * What the columns of a connection say about its tokens.
 *
 * @param credentials - as the provider's schema parsed them.
 * @param fraction - from 0 to 1, for jitter: tokens that were got together shall not be renewed together.
 */
export function tokenTimes(
  { oauth }: AnyProvider,
  credentials: unknown,
  { at, fraction }: { readonly at: Date; readonly fraction: number },
): TokenTimes {
  if (oauth === null) return { tokenExpiresAt: null, tokenRefreshAt: null }
  const { refreshToken, expiresAt } = oauth.tokens(credentials)
  if (expiresAt === null || refreshToken === null) return { tokenExpiresAt: expiresAt, tokenRefreshAt: null }
  const lifetimeMs = Math.max(0, expiresAt.getTime() - at.getTime())
  const aheadMs = Math.min(mostAheadMs, lifetimeMs / 4) * (0.5 + fraction / 2)
  return { tokenExpiresAt: expiresAt, tokenRefreshAt: new Date(Math.floor(expiresAt.getTime() - aheadMs)) }
}

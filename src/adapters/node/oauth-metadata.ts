import type * as oauth from 'oauth4webapi'
import { isConnectorsError, ProviderUnavailableError } from '../../core/domain/errors.ts'
import type { OAuthApp, OAuthExchange } from '../../core/ports/oauth-client.ts'
import { toFetch } from './oauth-token-fetch.ts'

/** How long metadata are believed. */
const maxAgeMs = 60 * 60 * 1_000

/** Issuers may come from settings, so that there can be many. */
const capacity = 100

/** Finds out where the endpoints of an application's authorization server are. */
export type MetadataOf = (app: OAuthApp, exchange: OAuthExchange) => Promise<oauth.AuthorizationServer>

/** What the application says, or what the server's metadata say, which are asked for at most once an hour. */
export function createMetadataCache(): MetadataOf {
  const known = new Map<string, { readonly at: Date; readonly server: oauth.AuthorizationServer }>()

  return async ({ label, server }, exchange) => {
    if (server.authorizationUrl !== undefined) {
      return {
        // oauth4webapi wants one; it is compared with what answers say only where it is known.
        issuer: server.issuer ?? new URL(server.tokenUrl).origin,
        authorization_endpoint: server.authorizationUrl,
        token_endpoint: server.tokenUrl,
      }
    }
    const { issuer } = server
    const found = known.get(issuer)
    if (found !== undefined && exchange.at.getTime() - found.at.getTime() < maxAgeMs) return found.server
    const discovered = await discover(label, issuer, exchange)
    known.delete(issuer)
    known.set(issuer, { at: exchange.at, server: discovered })
    const oldest = known.keys().next().value
    if (known.size > capacity && oldest !== undefined) known.delete(oldest)
    return discovered
  }
}

async function discover(label: string, issuer: string, exchange: OAuthExchange): Promise<oauth.AuthorizationServer> {
  const library = await import('oauth4webapi')
  const url = new URL(issuer)
  const look = (algorithm: 'oidc' | 'oauth2') =>
    library.discoveryRequest(url, {
      algorithm,
      [library.customFetch]: toFetch(exchange),
      [library.allowInsecureRequests]: true,
    })
  try {
    const first = await look('oidc')
    const response = first.status === 404 ? await look('oauth2') : first
    return await library.processDiscoveryResponse(url, response)
  } catch (error) {
    if (isConnectorsError(error)) throw error
    const reason = error instanceof Error ? `: ${error.message}` : ''
    throw new ProviderUnavailableError(`${label}: the metadata of its authorization server can't be used${reason}.`)
  }
}

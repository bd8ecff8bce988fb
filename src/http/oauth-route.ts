import type { OperatorConnectors } from '../core/connectors.ts'
import { isConnectorsError } from '../core/domain/errors.ts'
import type { AnyProvider } from '../core/domain/provider.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { answer } from './answer.ts'
import type { Route } from './connectors-handler.ts'

/** Takes browsers in that return from a consent page: `GET {path}/callback/:provider`. */
export function createOAuthRoute<T extends TenantId>(
  oauth: Pick<OperatorConnectors<AnyProvider, T>['oauth'], 'callback'>,
  { path, report }: { readonly path: string; readonly report: (error: unknown, message: string) => void },
): Route {
  return async (request) => {
    const provider = providerIn(new URL(request.url).pathname, path)
    if (provider === null) return null
    if (request.method !== 'GET') return answer(405, 'method not allowed', { allow: 'GET' })
    try {
      const outcome = await oauth.callback({ provider, url: request.url, cookie: request.headers.get('cookie') })
      if (outcome.status === 'refused' && outcome.error !== null) report(outcome.error, 'an account was not connected')
      return outcome.toResponse()
    } catch (error) {
      if (isConnectorsError(error, 'UNKNOWN_PROVIDER')) return answer(404, 'not found')
      report(error, 'a consent could not be read')
      return isConnectorsError(error) && error.retryable
        ? answer(503, 'Something is out of order here. Try again in a moment.')
        : answer(500, 'internal error')
    }
  }
}

function providerIn(pathname: string, path: string): string | null {
  if (!pathname.startsWith(`${path}/callback/`)) return null
  return /^([a-z0-9.-]{1,127})\/?$/.exec(pathname.slice(`${path}/callback/`.length))?.[1] ?? null
}

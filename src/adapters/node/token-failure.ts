import {
  ConnectorsError,
  isConnectorsError,
  ProviderUnavailableError,
  RateLimitError,
} from '../../core/domain/errors.ts'
import type { HttpResponse } from '../../core/ports/http-transport.ts'

const maxLength = 200

/** What a failed token request means. Causes are left out: they hold the tokens of the answer. */
export function tokenFailure(
  error: unknown,
  {
    label,
    response,
    at,
    redact,
  }: {
    readonly label: string
    /** The answer as it came; `null` = none came. */
    readonly response: HttpResponse | null
    readonly at: Date
    readonly redact: (text: string) => string
  },
): ConnectorsError {
  if (isConnectorsError(error)) return error
  const status = response?.status ?? null
  const details = status === null ? {} : { status }
  const what = `The authorization server of ${label}`
  const { error: code, error_description: description } = toSaid(error)
  const said = code === undefined ? '' : ` (${shorten(redact([code, description].filter(Boolean).join(': ')))})`
  if (status === 429) {
    const retryAfterMs = retryAfter(response?.headers['retry-after'], at)
    return new RateLimitError(`${what} asks to slow down${said}.`, {
      ...details,
      ...(retryAfterMs !== null && { retryAfterMs }),
    })
  }
  if (status !== null && status >= 500)
    return new ProviderUnavailableError(`${what} answered ${status}${said}.`, details)
  switch (code) {
    case 'invalid_grant':
      return new ConnectorsError(
        'OAUTH_GRANT_INVALID',
        `${what} does not accept the grant, or no longer${said}. The account has to be connected anew.`,
        details,
      )
    case 'invalid_client':
    case 'unauthorized_client':
      return appRefused(what, said, details)
    case 'temporarily_unavailable':
    case 'server_error':
    case 'slow_down':
      return new ProviderUnavailableError(`${what} can't answer at the moment${said}.`, details)
    case undefined:
      break
    default:
      return new ConnectorsError('PROVIDER_REJECTED', `${what} refused the request${said}.`, details)
  }
  if (status === 401) return appRefused(what, said, details)
  if (status !== null && status >= 400) {
    return new ConnectorsError('PROVIDER_REJECTED', `${what} refused the request with ${status}.`, details)
  }
  // oauth4webapi's messages name members, never their values.
  const reason = error instanceof Error ? `: ${error.message}` : ''
  return new ProviderUnavailableError(`${what} answered what no token answer is${reason}.`, details)
}

function appRefused(what: string, said: string, details: { readonly status?: number }): ConnectorsError {
  return new ConnectorsError(
    'OAUTH_APP_REFUSED',
    `${what} refuses the application${said}. Check clientId and clientSecret in the option oauth.apps; the grants of your tenants are not touched.`,
    details,
  )
}

function toSaid(error: unknown): { readonly error?: string; readonly error_description?: string } {
  if (typeof error !== 'object' || error === null) return {}
  const { error: code, error_description: description } = error as Readonly<Record<string, unknown>>
  return {
    ...(typeof code === 'string' && { error: code }),
    ...(typeof description === 'string' && { error_description: description }),
  }
}

function shorten(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`
}

function retryAfter(header: string | undefined, at: Date): number | null {
  if (header === undefined) return null
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - at.getTime())
}

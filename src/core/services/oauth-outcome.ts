import type { BrowserCookie } from '../domain/browser-cookie.ts'
import { setCookie } from '../domain/browser-cookie.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Authorization, OAuthOutcome } from '../oauth-verbs.ts'

/** An outcome, as long as nobody asked for a response. */
export type BareOutcome<T extends TenantId> =
  OAuthOutcome<T> extends infer Outcome
    ? Outcome extends OAuthOutcome<T>
      ? Omit<Outcome, 'toResponse'>
      : never
    : never

// What is in the address must neither be kept nor told to others.
const discreet = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

/** A redirect to the consent page. */
export function toConsentPage({ url, cookie }: Pick<Authorization, 'url' | 'cookie'>): Response {
  return new Response(null, {
    status: 303,
    headers: { ...discreet, location: url, ...(cookie !== null && { 'set-cookie': cookie }) },
  })
}

/** Where the browser goes in the end. */
export function toEnd<T extends TenantId>(
  outcome: BareOutcome<T>,
  { returnTo, cookie }: { readonly returnTo: string | null; readonly cookie: BrowserCookie | null },
): Response {
  const headers = { ...discreet, ...(cookie !== null && { 'set-cookie': setCookie(cookie, '', 0) }) }
  if (returnTo !== null) {
    const url = new URL(returnTo)
    url.searchParams.set('oauth', outcome.status)
    if (outcome.status === 'connected') url.searchParams.set('connection', outcome.connection.id)
    else url.searchParams.set('reason', outcome.reason)
    return new Response(null, { status: 303, headers: { ...headers, location: url.href } })
  }
  const text =
    outcome.status === 'connected'
      ? `${outcome.connection.displayName} is connected. You can close this page.`
      : `The account was not connected. ${outcome.message}`
  return new Response(`${text}\n`, {
    status: outcome.status === 'connected' ? 200 : 400,
    // Plain, so that no browser takes what is in it for anything else.
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  })
}

import { ConnectorsError } from '../domain/errors.ts'

/** Names of this very machine, to which browsers need no https. */
const localHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Where the provider sends the browser back to.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` when it isn't https (or http on localhost), or there is none.
 */
export function requireRedirectUri(given: unknown, providerKey: string, baseUrl: string | undefined): string {
  const uri = given ?? (baseUrl === undefined ? undefined : `${baseUrl}/callback/${providerKey}`)
  if (uri === undefined) {
    throw new ConnectorsError(
      'INVALID_INPUT',
      'oauth.authorize needs to know where the provider sends the browser back to: give the option oauth.baseUrl, e.g. https://app.example.com/oauth, or redirectUri.',
    )
  }
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && localHosts.has(url.hostname))
  if (url === null || !isSafe || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new ConnectorsError(
      'INVALID_INPUT',
      'The redirectUri of oauth.authorize must be an absolute https URL (http only on localhost), without a fragment.',
    )
  }
  // As it is given: providers compare it letter by letter.
  return String(uri)
}

/**
 * Where the browser goes in the end, as an absolute URL; `null` = nowhere.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for an origin that nobody allowed: the page would send people anywhere.
 */
export function requireReturnTo(given: unknown, redirectUri: string, origins: readonly string[]): string | null {
  if (given === undefined) return null
  const own = new URL(redirectUri).origin
  // Resolved as browsers do it, which take "//host" and "/\host" for other hosts.
  const url = typeof given === 'string' && URL.canParse(given, redirectUri) ? new URL(given, redirectUri) : null
  const isAllowed = url !== null && /^https?:$/.test(url.protocol) && [own, ...origins].includes(url.origin)
  if (url !== null && isAllowed && url.username === '' && url.password === '') return url.href
  throw new ConnectorsError(
    'INVALID_INPUT',
    `The returnTo of oauth.authorize must be a path, or a URL of ${own} or of an origin in the option oauth.returnToOrigins.`,
  )
}

import { ConnectorsError } from '../../core/domain/errors.ts'

/**
 * The base URL with a slash at its end, without query, user and password.
 *
 * @throws {ConnectorsError} `INVALID_SETTINGS` if it isn't an absolute http or https URL.
 */
export function parseBaseUrl(text: string): URL {
  const base = URL.canParse(text) ? withoutSecrets(new URL(text)) : null
  if (base === null || (base.protocol !== 'https:' && base.protocol !== 'http:')) {
    throw new ConnectorsError('INVALID_SETTINGS', 'The base URL is not an absolute http or https URL.')
  }
  base.search = ''
  // Without the slash a relative path would replace the last part of the base's.
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}

/**
 * Where a path of the adapter's leads: below the base's path, or, being an absolute URL, into its origin.
 *
 * @throws {ConnectorsError} `EGRESS_REFUSED` if it leads elsewhere. `what` begins the message.
 */
export function resolvePath(path: string, base: URL, what: string): URL {
  // Without the slashes, "https:../x" would be relative to the base.
  return /^https?:[/\\]{2}/i.test(path) ? withinOrigin(path, base, base, what) : belowBase(path, base, what)
}

/** A URL without user, password and fragment: the first two belong into the auth strategy, here they would reach logs. */
export function withoutSecrets(url: URL): URL {
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}

function withinOrigin(target: string, relativeTo: URL, base: URL, what: string): URL {
  const url = URL.canParse(target, relativeTo.href) ? new URL(target, relativeTo) : null
  if (url?.origin !== base.origin) {
    throw new ConnectorsError(
      'EGRESS_REFUSED',
      `${what} ${url === null ? 'an invalid address' : url.origin}, but this connection only talks to ${base.origin}.`,
    )
  }
  return withoutSecrets(url)
}

/** Other parts of the host may belong to somebody else, and a part of a path may be what a stranger typed. */
function belowBase(path: string, base: URL, what: string): URL {
  const url = withinOrigin(`./${path.replace(/^\/+/, '')}`, base, base, what)
  const isBelow = (below: string) => new URL(`.${below.replace(/^\/?/, '/')}`, base).pathname.startsWith(base.pathname)
  // A server, or a proxy before it, may decode slashes, fold them, drop what follows a semicolon, and only then resolve the dots.
  const folded = () => url.pathname.slice(base.pathname.length).replace(/(?:\/|%2f|%5c)+/gi, '/')
  const isWithin = url.pathname.startsWith(base.pathname) && isBelow(folded())
  if (!isWithin || !isBelow(folded().replace(/;[^/]*/g, ''))) {
    throw new ConnectorsError(
      'EGRESS_REFUSED',
      `${what} ${url.pathname}, but the paths of this connection begin with ${base.pathname}.`,
    )
  }
  return url
}

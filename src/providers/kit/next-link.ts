import { ConnectorsError } from '../../core/domain/errors.ts'
import type { HttpAnswer } from './http-answer.ts'

/**
 * Where the next page is, from the `Link` header (RFC 8288, `rel="next"`), as an absolute URL; `null` on the last page.
 * Relative links are resolved against the address of the answer. A link may move to another path, not to another origin.
 * Parameters that prove who is asking are left out: the link may be saved, and the next request has its own proof.
 *
 * @throws {ConnectorsError} `EGRESS_REFUSED` for a link to another origin: our credentials would go there;
 *   `PROVIDER_FAILED` for a link to the page itself.
 */
export function nextLink(
  answer: Pick<HttpAnswer, 'headers' | 'url'> & { readonly proofParameters?: readonly string[] },
): string | null {
  const target = findNext(answer.headers.link ?? '')
  if (target === null) return null
  const next = URL.canParse(target, answer.url) ? new URL(target, answer.url) : null
  const { origin } = new URL(answer.url)
  if (next?.origin !== origin) {
    throw new ConnectorsError(
      'EGRESS_REFUSED',
      `${origin} names a next page at ${next === null ? 'an invalid address' : next.origin}. Pages are only followed within one origin.`,
    )
  }
  for (const name of answer.proofParameters ?? []) {
    // Deleting writes the whole query anew, so what isn't there is left alone.
    if (next.searchParams.has(name)) next.searchParams.delete(name)
  }
  if (next.href === answer.url) {
    throw new ConnectorsError('PROVIDER_FAILED', `${origin} names ${next.pathname} as the page after itself.`)
  }
  return next.href
}

/** {@link nextLink} as path and query, to be saved in a cursor. Ask for it with ``http.get(`${http.origin}${path}`)``. */
export function nextPath(answer: Parameters<typeof nextLink>[0]): string | null {
  const link = nextLink(answer)
  if (link === null) return null
  const { pathname, search } = new URL(link)
  return `${pathname}${search}`
}

// One link: <target> and its parameters; commas may be part of the target and of quoted values.
const linkValue = /<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]*))?)*)/g
const parameter = /;\s*([^\s=;,]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?/g

function findNext(header: string): string | null {
  for (const [, target, parameters] of header.matchAll(linkValue)) {
    for (const [, name, quoted, bare] of (parameters ?? '').matchAll(parameter)) {
      const relations = (quoted ?? bare ?? '').toLowerCase().split(/\s+/)
      if (name?.toLowerCase() === 'rel' && target !== undefined && relations.includes('next')) return target
    }
  }
  return null
}

import { ConnectorsError } from '../../core/domain/errors.ts'
import type { HttpAnswer } from './http-answer.ts'

/**
 * Where the next page is, from the `Link` header (RFC 8288, `rel="next"`), as an absolute URL; `null` on the last page.
 * Relative links are resolved against the address of the answer. A link may move to another path, not to another origin.
 *
 * @throws {ConnectorsError} `EGRESS_REFUSED` for a link to another origin: our credentials would go there.
 */
export function nextLink(answer: Pick<HttpAnswer, 'headers' | 'url'>): string | null {
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
  return next.href
}

// One link: <target> and its parameters; commas may be part of the target and of quoted values.
const linkValue = /<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]*))?)*)/g
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

import { createHash } from 'node:crypto'

/** A file of the console that is the same for everybody. */
export interface StaticFile {
  /** Below the base path; it changes with the content. */
  readonly path: string
  readonly respond: (request: Request) => Response
}

/** A file that browsers keep for good: another content has another address. */
export function staticFile(name: string, type: string, content: string): StaticFile {
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 16)
  const etag = `"${hash}"`
  const [stem, extension] = name.split('.')
  return {
    path: `/assets/${stem}-${hash}.${extension}`,
    respond: (request) => {
      const headers = {
        etag,
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      }
      if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
      return new Response(content, { headers: { ...headers, 'content-type': `${type}; charset=utf-8` } })
    },
  }
}

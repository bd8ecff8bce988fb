import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { HttpClient } from './http-client.ts'
import { nextPath } from './next-link.ts'
import { pageByToken } from './page-by-token.ts'
import type { Query } from './request-body.ts'

/** How to page by `Link` headers. */
export interface LinkPaging<Item> {
  readonly http: Pick<HttpClient, 'get' | 'origin'>
  /** The listing; the links lead on from it, wherever they go within the origin. */
  readonly path: string
  readonly query?: Query
  /** Reads the items of a page. */
  read(answer: HttpAnswer): readonly Item[]
}

/**
 * One page of a listing that names the next one in the header `Link` (RFC 8288). An empty page is the last one, whatever
 * it names. The cursor holds path and query only: it survives a move to another host.
 *
 * @example
 * async listOrders(request: FetchRequest) {
 *   return pageByLink(request, { http, path: '/orders', read: (answer) => answer.read(z.array(orderSchema)) })
 * }
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if the links go round in circles, and everything that `http.get` throws.
 */
export function pageByLink<Item>(
  request: FetchRequest,
  { http, path, query, read }: LinkPaging<Item>,
): Promise<FetchedPage<Item>> {
  return pageByToken(request, {
    fetch: async ({ token, signal }) => {
      const answer =
        token === null
          ? await http.get(path, { signal, ...(query !== undefined && { query }) })
          : await http.get(`${http.origin}${token}`, { signal })
      const items = read(answer)
      // Behind the end a link may be anything, and is not looked at.
      return { items, next: items.length === 0 ? null : nextPath(answer) }
    },
  })
}

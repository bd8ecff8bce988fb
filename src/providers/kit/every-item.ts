import { ConnectorsError } from '../../core/domain/errors.ts'
import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'

/**
 * All items of a listing, page by page, for generators of an adapter. Nothing is fetched before it is asked for.
 *
 * @example
 * async *everyOrder() {
 *   yield* everyItem((request) => pageByNumber(request, { fetch: ({ page, signal }) => list(page, signal) }))
 * }
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if a page leads to itself, and everything that `fetch` throws.
 */
export async function* everyItem<Item>(
  fetch: (request: FetchRequest) => Promise<FetchedPage<Item>>,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Item, void, undefined> {
  let cursor: Json = null
  for (;;) {
    const page: FetchedPage<Item> = await fetch({ cursor, signal })
    yield* page.items
    if (!page.hasMore) return
    if (JSON.stringify(page.cursor) === JSON.stringify(cursor)) {
      throw new ConnectorsError('PROVIDER_FAILED', 'A page leads to itself: paging would never end.')
    }
    cursor = page.cursor
  }
}

import { z } from 'zod'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { type CountedPage, takePage } from './counted-page.ts'

/** How to page by numbers. */
export interface NumberPaging<Item> {
  /**
   * Fetches a page. Answer `hasMore` only where the provider tells (a total, a link): a page with fewer items than asked
   * for need not be the last one, because providers cap what may be asked for.
   */
  fetch(at: { readonly page: number; readonly signal: AbortSignal }): Promise<CountedPage<Item>>
  /** The number of the first page; default 1. */
  readonly first?: number
  /** Statuses that mean "behind the last page", for providers that refuse such a number, e.g. `[400]`; default none. */
  readonly endStatuses?: readonly number[]
}

const cursorSchema = z.object({ page: z.int(), digest: z.string() })

/**
 * One page of a listing whose pages are numbered. Items that are removed meanwhile shift the others over a page border:
 * page by time ({@link pageBySince}) where the provider can.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if a page comes twice.
 */
export async function pageByNumber<Item>(
  { cursor, signal }: FetchRequest,
  { fetch, first = 1, endStatuses = [] }: NumberPaging<Item>,
): Promise<FetchedPage<Item>> {
  const parsed = cursorSchema.safeParse(cursor)
  const page = parsed.success ? parsed.data.page : first
  const before = parsed.success ? parsed.data.digest : null
  const { items, hasMore, digest } = await takePage(() => fetch({ page, signal }), { before, endStatuses })
  return { items, hasMore, cursor: hasMore ? { page: page + 1, digest } : null }
}

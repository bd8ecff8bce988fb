import { z } from 'zod'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { type CountedPage, takePage } from './counted-page.ts'

/** How to page by offsets. */
export interface OffsetPaging<Item> {
  /** Fetches the items from an offset on, as in {@link pageByNumber}. */
  fetch(at: { readonly offset: number; readonly signal: AbortSignal }): Promise<CountedPage<Item>>
  /** Statuses that mean "behind the last item"; default none. */
  readonly endStatuses?: readonly number[]
}

const cursorSchema = z.object({ offset: z.int().min(0), digest: z.string() })

/**
 * One page of a listing that is asked for from the n-th item on. The next offset counts the items that came, not those
 * that were asked for: a provider that caps its pages loses none.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if a page comes twice.
 */
export async function pageByOffset<Item>(
  { cursor, signal }: FetchRequest,
  { fetch, endStatuses = [] }: OffsetPaging<Item>,
): Promise<FetchedPage<Item>> {
  const parsed = cursorSchema.safeParse(cursor)
  const offset = parsed.success ? parsed.data.offset : 0
  const before = parsed.success ? parsed.data.digest : null
  const { items, hasMore, digest } = await takePage(() => fetch({ offset, signal }), { before, endStatuses })
  return { items, hasMore, cursor: hasMore ? { offset: offset + items.length, digest } : null }
}

import { z } from 'zod'
import { follow, newTrail, trailSchema } from '../../core/domain/page-trail.ts'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import type { CountedPage } from './counted-page.ts'

/** How to page by keys. */
export interface KeyPaging<Item, Key extends string | number> {
  /** Fetches the items behind a key, without it; `null` = from the beginning. */
  fetch(at: { readonly after: Key | null; readonly signal: AbortSignal }): Promise<CountedPage<Item>>
  /** What the listing is sorted by: unique, and never changed. */
  keyOf(item: Item): Key
  /**
   * Whether the next run starts behind the last item: right for listings whose new items come last. Default false: it
   * starts from the beginning.
   */
  readonly resumes?: boolean
}

const cursorSchema = z.object({ after: z.union([z.string(), z.number(), z.null()]), trail: trailSchema })

/**
 * One page of a listing that is asked for from an item on (`starting_after`, `since_id`).
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if the keys go round in circles.
 */
export async function pageByKey<Item, Key extends string | number>(
  { cursor, signal }: FetchRequest,
  { fetch, keyOf, resumes = false }: KeyPaging<Item, Key>,
): Promise<FetchedPage<Item>> {
  const parsed = cursorSchema.safeParse(cursor)
  const start = parsed.success ? parsed.data : { after: null, trail: newTrail }
  // The cursor holds what `keyOf` answered.
  const page = await fetch({ after: start.after as Key | null, signal })
  const { items, hasMore } = 'items' in page ? page : { items: page, hasMore: true }
  const last = items.at(-1)
  const after = last === undefined ? start.after : keyOf(last)
  if (last === undefined || !hasMore) {
    return { items, cursor: resumes ? { after, trail: newTrail } : null, hasMore: false }
  }
  return { items, cursor: { after, trail: follow(start.trail, String(after)) }, hasMore: true }
}

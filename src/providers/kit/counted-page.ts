import { ConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import { digestOf } from '../../core/domain/page-trail.ts'

/** A page of a listing that is counted through. Just the items: the listing ends with an empty page. */
export type CountedPage<Item> =
  | readonly Item[]
  | {
      readonly items: readonly Item[]
      /** What the provider says; an empty page is the last one all the same. */
      readonly hasMore: boolean
    }

/** A page and whether one follows. */
export interface TakenPage<Item> {
  readonly items: readonly Item[]
  readonly hasMore: boolean
  /** For the cursor: tells whether the next page is the same one again. */
  readonly digest: string
}

/**
 * Fetches a page, and takes an answer with one of `endStatuses` for an empty one, unless it is the first.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if it is the page before once more: the provider doesn't look at the number.
 */
export async function takePage<Item>(
  fetch: () => Promise<CountedPage<Item>>,
  { before, endStatuses }: { readonly before: string | null; readonly endStatuses: readonly number[] },
): Promise<TakenPage<Item>> {
  let page: CountedPage<Item>
  try {
    page = await fetch()
  } catch (error) {
    const isEnd =
      before !== null &&
      isConnectorsError(error, 'PROVIDER_REJECTED') &&
      error.status !== undefined &&
      endStatuses.includes(error.status)
    if (!isEnd) throw error
    page = []
  }
  const { items, hasMore } = 'items' in page ? page : { items: page, hasMore: true }
  const digest = digestOf(items)
  if (items.length > 0 && digest === before) {
    throw new ConnectorsError(
      'PROVIDER_FAILED',
      'The provider answered the same page twice. If it repeats its last one behind the end, answer `hasMore` too.',
    )
  }
  return { items, hasMore: hasMore && items.length > 0, digest }
}

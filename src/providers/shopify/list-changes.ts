import type { FetchedPage } from '../../core/domain/provider.ts'
import type { ShopPageRequest } from '../../families/shop/index.ts'
import { type PageInfo, pageBySince, relayNext } from '../kit/index.ts'

/**
 * Listings come from a search index that takes changes up a little later, so that a change may turn up behind a younger one:
 * what is younger than this waits for the next run.
 */
const settledMs = 10_000

/** What is synced: orders, products and customers are alike in this. */
interface Changeable {
  readonly externalId: string
  readonly updatedAt: Date | null
}

/** Which part of a listing to ask for. */
export interface Part {
  /** Shopify's search syntax, e.g. `updated_at:>='2026-01-01T00:00:00Z'`; `null` = everything. */
  readonly query: string | null
  readonly after: string | null
  readonly signal: AbortSignal
}

/** A part of a listing, and when Shopify listed it, by its own clock. */
export interface DatedPart<Item> {
  readonly items: readonly Item[]
  readonly pageInfo: PageInfo
  readonly at: Date
}

/**
 * One page of what changed since the cursor, or since an instant, sorted by `UPDATED_AT`. Instants are whole seconds, and an
 * import gives one to many objects: see `pageBySince` for how none of them is missed or comes twice.
 */
export async function listChanges<Item extends Changeable>(
  { cursor = null, since: from, signal = new AbortController().signal }: ShopPageRequest,
  listing: string,
  fetch: (part: Part) => Promise<DatedPart<Item>>,
): Promise<FetchedPage<Item>> {
  const timeOf = ({ updatedAt }: Item) => updatedAt ?? new Date(0)
  return pageBySince(
    { cursor, signal },
    {
      listing,
      tickMs: 1_000,
      timeOf,
      idOf: ({ externalId }) => externalId,
      async fetch({ since, page, signal: current }) {
        const start = since ?? from
        const query = start === undefined ? null : `updated_at:>='${toSecond(start)}'`
        const { items, pageInfo, at } = await fetch({ query, after: page, signal: current })
        const settledAt = at.getTime() - settledMs
        const settled = items.filter((item) => timeOf(item).getTime() <= settledAt)
        return { items: settled, next: settled.length < items.length ? null : relayNext(pageInfo) }
      },
    },
  )
}

function toSecond(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}

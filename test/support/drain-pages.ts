import type { Json } from '../../src/core/domain/json.ts'
import type { FetchedPage, FetchRequest } from '../../src/core/domain/provider.ts'

const { signal } = new AbortController()

/** Pages to the end, as the core does: each cursor is saved in between. */
export async function drainPages<Item>(
  fetch: (request: FetchRequest) => Promise<FetchedPage<Item>>,
  from: Json = null,
) {
  const items: Item[] = []
  let cursor = from
  for (let pageCount = 1; pageCount <= 1_000; pageCount += 1) {
    const page = await fetch({ cursor: JSON.parse(JSON.stringify(cursor)) as Json, signal })
    items.push(...page.items)
    cursor = page.cursor
    if (!page.hasMore) return { items, cursor, pageCount }
  }
  throw new Error('the run does not end')
}

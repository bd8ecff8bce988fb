import type { Listing } from '../connectors.ts'
import { ConnectorsError } from '../domain/errors.ts'
import type { Page, PageRequest } from '../domain/page.ts'

const defaultLimit = 100
const maxLimit = 1_000

/** A list over keyset pages of records, shown as views. */
export function createListing<Row, View>(
  fetch: (request: PageRequest) => Promise<Page<Row>>,
  toView: (row: Row) => View,
): Listing<View> {
  const page = async ({ after = null, limit = defaultLimit }: Partial<PageRequest> = {}): Promise<Page<View>> => {
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      throw new ConnectorsError(
        'INVALID_INPUT',
        `The limit of a page must be a whole number from 1 to ${maxLimit}, not ${String(limit)}.`,
      )
    }
    const { items, next } = await fetch({ after, limit })
    return { items: items.map(toView), next }
  }
  return {
    page,
    async *[Symbol.asyncIterator]() {
      for (let after: string | null = null; ; ) {
        const { items, next }: Page<View> = await page({ after })
        yield* items
        if (next === null) return
        after = next
      }
    },
  }
}

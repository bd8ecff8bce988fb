import { ConnectorsError } from '../domain/errors.ts'
import type { Listing } from '../domain/listing.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { anything, checkFields, type FieldCheck } from './check-fields.ts'

const defaultLimit = 100
const maxLimit = 1_000

const requestFields = {
  after: { is: (value) => value === null || typeof value === 'string', mustBe: 'the `next` of the page before' },
  limit: anything,
} satisfies Record<keyof PageRequest, FieldCheck>

/** A list over keyset pages of records, shown as views. */
export function createListing<Row, View>(
  fetch: (request: PageRequest) => Promise<Page<Row>>,
  toView: (row: Row) => View,
): Listing<View> {
  const page = async (request: Partial<PageRequest> = {}): Promise<Page<View>> => {
    checkFields('The request of a page', request, requestFields)
    const { after = null, limit = defaultLimit } = request
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      throw new ConnectorsError(
        'INVALID_INPUT',
        `The limit of a page must be a whole number from 1 to ${maxLimit}, not ${String(limit)}.`,
      )
    }
    const { items, next } = await fetch({ after, limit })
    return { items: items.map(toView), next }
  }
  async function* walk(): AsyncGenerator<View, void, undefined> {
    for (let after: string | null = null; ; ) {
      const { items, next }: Page<View> = await page({ after, limit: defaultLimit })
      yield* items
      if (next === null) return
      after = next
    }
  }
  return {
    page,
    [Symbol.asyncIterator]: walk,
    all: async () => {
      const items: View[] = []
      for await (const item of walk()) items.push(item)
      return items
    },
  }
}

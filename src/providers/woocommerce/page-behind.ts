import { z } from 'zod'
import { ProviderUnavailableError } from '../../core/domain/errors.ts'

/** What a listing is sorted by: an instant in ms (0 where it is sorted by id alone), then the id. */
const keySchema = z.tuple([z.number(), z.int()])

type Key = z.output<typeof keySchema>

/** How far a listing was read: how many of its items lay before, and the last one that was taken. */
export const positionSchema = z.object({ offset: z.int().min(0), last: keySchema })

/** See {@link positionSchema}. */
export type Position = z.output<typeof positionSchema>

/** A part of a listing, and how many items there are in all, if the shop told. */
export interface Slice<Item> {
  readonly items: readonly Item[]
  readonly total: number | null
}

const perPage = 100
const mostRequests = 50

/**
 * The items behind a position of a sorted listing. Offsets alone would miss items: whatever leaves the listing (deleted, or
 * sorted elsewhere by a change) moves those behind it forward, over the border of a page. So each page begins with the last
 * item before it. If that is gone, we go back until something that was taken already shows that nothing lies between.
 *
 * @throws {ProviderUnavailableError} if the listing changes so fast that 50 requests don't lead on.
 */
export async function pageBehind<Item>(
  position: Position | null,
  keyOf: (item: Item) => Key,
  fetch: (slice: { readonly offset: number; readonly per_page: number }) => Promise<Slice<Item>>,
): Promise<{ readonly items: readonly Item[]; readonly next: Position | null }> {
  let offset = position === null ? 0 : Math.max(0, position.offset - 1)
  let stride = perPage - 1
  const isTaken = (item: Item) => position !== null && compare(keyOf(item), position.last) <= 0
  for (let requests = 0; requests < mostRequests; requests += 1) {
    const { items, total } = await fetch({ offset, per_page: perPage })
    const [first] = items
    if (offset > 0 && (first === undefined || !isTaken(first))) {
      offset = Math.max(0, offset - stride)
      stride *= 2
      continue
    }
    const reached = offset + items.length
    const isEnd = total !== null && reached >= total
    const fresh = items.filter((item) => !isTaken(item))
    const last = fresh.at(-1)
    if (last !== undefined) return { items: fresh, next: isEnd ? null : { offset: reached, last: keyOf(last) } }
    // Nothing new although there should be: either it can't be read, or more than a page of older items came before it.
    if (isEnd || items.length <= 1) return { items: [], next: null }
    offset = reached - 1
  }
  throw new ProviderUnavailableError('The listing changes faster than it can be read. Try again later.')
}

function compare(a: Key, b: Key): number {
  return a[0] - b[0] || a[1] - b[1]
}

import { z } from 'zod'
import { follow, newTrail, trailSchema } from '../../core/domain/page-trail.ts'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { boundSchema, type Dating, isDelivered, raiseBound } from './time-bound.ts'

/** How to page backwards through time. */
export interface NewestFirstPaging<Item> extends Dating<Item> {
  /** Fetches a page, the last changed first. `page` is what an answer named as `next`, `null` = the first one. */
  fetch(at: {
    readonly page: string | null
    readonly signal: AbortSignal
  }): Promise<{ readonly items: readonly Item[]; readonly next: string | null }>
  /** Names the listing (an account, a repository): a cursor that was made for another one starts over. */
  readonly listing?: string
}

const cursorSchema = z.object({
  listing: z.string(),
  /** The page to fetch; `null` = the first one. */
  page: z.string().nullable(),
  /** Where the last finished pass got to: this pass stops there. */
  bound: boundSchema.nullable(),
  /** Where this pass began: the bound of the next one. */
  top: boundSchema.nullable(),
  trail: trailSchema,
})

/**
 * One page of what changed since the last run, for listings that can't be asked from an instant on, but are sorted by time.
 *
 * A pass goes from the last changed backwards until it meets the bound. Whatever changes meanwhile moves to the front and
 * lies above `top`, where the next pass begins: items behind it may come twice, none is missed.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if the names of pages go round in circles.
 */
export async function pageNewestFirst<Item>(
  request: FetchRequest,
  paging: NewestFirstPaging<Item>,
): Promise<FetchedPage<Item>> {
  const { listing = '', timeOf } = paging
  const parsed = cursorSchema.safeParse(request.cursor)
  const start =
    parsed.success && parsed.data.listing === listing
      ? parsed.data
      : { listing, page: null, bound: null, top: null, trail: newTrail }
  const { items, next } = await paging.fetch({ page: start.page, signal: request.signal })
  const { bound } = start
  const isBeforeBound = (item: Item) => bound !== null && timeOf(item) < new Date(bound.at)
  const fresh = items.filter((item) => !isBeforeBound(item) && !isDelivered(bound, item, paging))
  // Without a top all items so far were dated ahead.
  const isUnderTop = (item: Item) => start.top === null || timeOf(item) <= new Date(start.top.at)
  const top = raiseBound(start.top, items.filter(isUnderTop), paging)
  if (next === null || items.length === 0 || items.some(isBeforeBound)) {
    return {
      items: fresh,
      cursor: { listing, page: null, bound: top ?? bound, top: null, trail: newTrail },
      hasMore: false,
    }
  }
  return {
    items: fresh,
    cursor: { listing, page: next, bound, top, trail: follow(start.trail, next) },
    hasMore: true,
  }
}

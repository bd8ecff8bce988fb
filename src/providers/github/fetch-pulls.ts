import { z } from 'zod'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { boundSchema, isDelivered, raiseBound } from './bound.ts'
import type { GitHubPage, GitHubPageRequest } from './github-page.ts'
import type { GitHubPull } from './github-pull.ts'

/** The part of the adapter that the resource needs. */
export interface PullSource {
  /** Names the listing: a cursor made for another one starts over. */
  listingId(): Promise<string>
  /** Pull requests, the last changed first. */
  listPulls(request: GitHubPageRequest): Promise<GitHubPage<GitHubPull>>
}

const cursorSchema = z.object({
  listing: z.string(),
  /** The page to fetch; `null` = the first one. */
  page: z.string().nullable(),
  /** Where the last finished pass got to: this pass stops there. */
  bound: boundSchema.nullable(),
  /** Where this pass began: the bound of the next one. */
  top: boundSchema.nullable(),
})

/**
 * One page of the pull requests that changed since the last run.
 *
 * GitHub can't list pull requests from an instant on, so a pass goes from the last changed backwards until it meets the
 * bound. Whatever changes meanwhile moves to the front and lies above `top`, where the next pass begins: items behind it
 * may come twice, none is missed.
 */
export async function fetchPulls(source: PullSource, request: FetchRequest): Promise<FetchedPage<GitHubPull>> {
  const listing = await source.listingId()
  const cursor = cursorSchema.safeParse(request.cursor)
  const start =
    cursor.success && cursor.data.listing === listing ? cursor.data : { listing, page: null, bound: null, top: null }
  const { items, next } = await source.listPulls({ page: start.page, signal: request.signal })
  const { bound } = start
  const isBeforeBound = (item: GitHubPull) => bound !== null && item.updatedAt < new Date(bound.at)
  const fresh = items.filter((item) => !isBeforeBound(item) && !isDelivered(bound, item))
  const top =
    start.page === null
      ? raiseBound(null, items)
      : raiseBound(
          start.top,
          items.filter((item) => start.top !== null && item.updatedAt <= new Date(start.top.at)),
        )
  const isLast = next === null || items.length === 0 || items.some(isBeforeBound)
  return {
    items: fresh,
    cursor: isLast ? { listing, page: null, bound: top ?? bound, top: null } : { listing, page: next, bound, top },
    hasMore: !isLast,
  }
}

import { z } from 'zod'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import type { Bound } from './bound.ts'
import { boundSchema, isDelivered, raiseBound } from './bound.ts'
import type { GitHubIssue } from './github-issue.ts'
import type { GitHubPage, GitHubPageRequest } from './github-page.ts'

/** The part of the adapter that the resource needs. */
export interface IssueSource {
  /** Names the listing: a cursor made for another one starts over. */
  listingId(): Promise<string>
  /** Issues and pull requests, the longest unchanged first. */
  listIssues(request: GitHubPageRequest & { readonly since?: string }): Promise<GitHubPage<GitHubIssue>>
}

const cursorSchema = z.object({
  listing: z.string(),
  /** What the listing is asked for; `null` = everything. */
  since: z.iso.datetime().nullable(),
  /** The page to fetch; `null` = the first one from `since` on. */
  page: z.string().nullable(),
  bound: boundSchema.nullable(),
})

/**
 * One page of the issues that changed since the last run.
 *
 * GitHub's pages are numbered, and an issue that changes while we page moves to the end: all behind it move forward,
 * and the first of the next page would be missed. So the next page is asked for by time (everything from the newest
 * instant of this page on, inclusive), and by its link only where that leads nowhere: while all items of a page share
 * one second, or if the server doesn't sort. What both ways deliver is told apart by {@link boundSchema}.
 */
export async function fetchIssues(source: IssueSource, request: FetchRequest): Promise<FetchedPage<GitHubIssue>> {
  const listing = await source.listingId()
  const cursor = cursorSchema.safeParse(request.cursor)
  const start =
    cursor.success && cursor.data.listing === listing ? cursor.data : { listing, since: null, page: null, bound: null }
  const { items, next } = await source.listIssues({
    page: start.page,
    ...(start.since !== null && { since: start.since }),
    signal: request.signal,
  })
  const fresh = items.filter((item) => !isDelivered(start.bound, item))
  const bound = raiseBound(start.bound, items)
  const following = next === null ? null : followingPage(start.since, items, next, bound)
  return {
    items: fresh.filter((item) => !item.isPullRequest),
    cursor: { listing, ...(following ?? { since: bound?.at ?? start.since, page: null }), bound },
    hasMore: following !== null,
  }
}

function followingPage(
  since: string | null,
  items: readonly GitHubIssue[],
  next: string,
  bound: Bound | null,
): { readonly since: string | null; readonly page: string | null } | null {
  const times = items.map((item) => item.updatedAt.getTime())
  const [oldest] = times
  const newest = times.at(-1)
  // A server may name a next page even behind its last one.
  if (oldest === undefined || newest === undefined || bound === null) return null
  const isSorted = times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time))
  const from = since === null ? Number.NEGATIVE_INFINITY : Date.parse(since)
  const leadsOn = isSorted && oldest >= from && newest > oldest && newest > from && Date.parse(bound.at) === newest
  return leadsOn ? { since: bound.at, page: null } : { since, page: next }
}

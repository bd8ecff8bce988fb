import { z } from 'zod'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { boundSchema, isDelivered, raiseBound, toGitHubTime } from './bound.ts'
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

type Cursor = z.output<typeof cursorSchema>

/**
 * One page of the issues that changed since the last run.
 *
 * GitHub's pages are numbered, and an issue that changes while we page moves to the end: all behind it move forward,
 * and the first of the next page would be missed. So the next page is asked for by time (everything from the newest
 * instant of this page on, inclusive), and by its link only where that leads nowhere: while all items of a page share
 * one second, or if the server sorts
 * newest first all the same. What both ways deliver is told apart by {@link boundSchema}.
 *
 * What remains: of more than a page of issues with one and the same second (a mass import), one may be missed if another
 * of them changes while just these are paged through. It comes with its next change, or with a full sync.
 */
export async function fetchIssues(source: IssueSource, request: FetchRequest): Promise<FetchedPage<GitHubIssue>> {
  const listing = await source.listingId()
  const parsed = cursorSchema.safeParse(request.cursor)
  const start: Cursor =
    parsed.success && parsed.data.listing === listing ? parsed.data : { listing, since: null, page: null, bound: null }
  const { items, next } = await source.listIssues({
    page: start.page,
    ...(start.since !== null && { since: start.since }),
    signal: request.signal,
  })
  const step = nextStep(start, items, next)
  // What lies before `since` was not asked for: it was delivered by an earlier run.
  const from = instant(start.since)
  const taken = items.filter((item) => item.updatedAt.getTime() >= from && item.updatedAt.getTime() <= step.upTo)
  const bound = raiseBound(start.bound, taken)
  return {
    items: taken.filter((item) => !item.isPullRequest && !isDelivered(start.bound, item)),
    cursor:
      step.kind === 'end'
        ? { listing, since: bound?.at ?? start.since, page: null, bound }
        : { listing, since: step.since, page: step.page, bound },
    hasMore: step.kind !== 'end',
  }
}

type Step =
  | { readonly kind: 'end'; readonly upTo: number }
  | { readonly kind: 'on'; readonly upTo: number; readonly since: string | null; readonly page: string | null }

function nextStep(start: Cursor, items: readonly GitHubIssue[], next: string | null): Step {
  const times = items.map((item) => item.updatedAt.getTime())
  const [oldest] = times
  const newest = times.at(-1)
  const upTo = Number.POSITIVE_INFINITY
  // A server may name a next page even behind its last one.
  if (oldest === undefined || newest === undefined) return { kind: 'end', upTo }
  const since = instant(start.since)
  const isSorted = oldest >= since && times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time))
  if (start.page !== null) {
    // Behind a link: the pages of one second end here. What follows them may have moved, so it is asked for by time.
    const second = instant(start.bound?.at ?? null)
    const after = second % 1000 === 0 ? second + 1000 : second + 1
    if (isSorted && oldest >= second && newest > second && after > since) {
      return { kind: 'on', upTo: second, since: toGitHubTime(after), page: null }
    }
  } else if (next !== null && isSorted && newest > oldest && newest > since) {
    return { kind: 'on', upTo, since: toGitHubTime(newest), page: null }
  }
  return next === null ? { kind: 'end', upTo } : { kind: 'on', upTo, since: start.since, page: next }
}

function instant(text: string | null): number {
  return text === null ? Number.NEGATIVE_INFINITY : Date.parse(text)
}

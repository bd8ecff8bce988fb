import { z } from 'zod'
import { follow, newTrail, trailSchema } from '../../core/domain/page-trail.ts'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { boundSchema, type Dating, isDelivered, raiseBound } from './time-bound.ts'

/** How to page by time. */
export interface SincePaging<Item> extends Dating<Item> {
  /**
   * Fetches a page of the items that changed at `since` or later, the longest unchanged first. A provider that can only
   * ask for *later* is asked from one of its ticks earlier on. `page` is what an answer named as `next`, `null` = first.
   */
  fetch(at: {
    readonly since: Date | null
    readonly page: string | null
    readonly signal: AbortSignal
  }): Promise<{ readonly items: readonly Item[]; readonly next: string | null }>
  /** Names the listing (an account, a repository): a cursor that was made for another one starts over. */
  readonly listing?: string
  /** Milliseconds of the finest difference between two instants of the provider's clock; default 1. */
  readonly tickMs?: number
  /**
   * Milliseconds by which the next run begins earlier than where the last one ended, for providers whose listings lag behind
   * (search indexes, replicas, clocks of several servers): what shows up late with an earlier instant is not missed. All of
   * this window comes again with every run, some of it twice: handle by key. Default 0.
   */
  readonly lookBackMs?: number
}

const cursorSchema = z.object({
  listing: z.string(),
  /** What the listing is asked for; `null` = everything. */
  since: z.iso.datetime().nullable(),
  /** The page to fetch; `null` = the first one from `since` on. */
  page: z.string().nullable(),
  bound: boundSchema.nullable(),
  /** The pages since `since` was last moved. */
  trail: trailSchema,
})

type Cursor = z.output<typeof cursorSchema>

/**
 * One page of what changed since the last run, for listings that can be asked from an instant on.
 *
 * An item that changes while we page moves to the end: all behind it move forward, and the first of the next page would
 * be missed. So the next page is asked for by time (everything from the newest instant of this page on, inclusive), and
 * by its name only where that leads nowhere: while all items of a page share one instant, or if the provider sorts
 * newest first all the same. What both ways deliver is told apart by its key and instant.
 *
 * What remains: of more than a page of items with one and the same instant (a mass import), one may be missed if another
 * of them changes while just these are paged through. It comes with its next change, or with a full sync.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if the names of pages go round in circles.
 */
export async function pageBySince<Item>(request: FetchRequest, paging: SincePaging<Item>): Promise<FetchedPage<Item>> {
  const { listing = '', tickMs = 1, lookBackMs = 0, timeOf } = paging
  const parsed = cursorSchema.safeParse(request.cursor)
  const start: Cursor =
    parsed.success && parsed.data.listing === listing
      ? parsed.data
      : { listing, since: null, page: null, bound: null, trail: newTrail }
  const { items, next } = await paging.fetch({
    page: start.page,
    since: start.since === null ? null : new Date(start.since),
    signal: request.signal,
  })
  const times = items.map((item) => timeOf(item).getTime())
  const step = nextStep(start, times, next, tickMs)
  // What lies before `since` was not asked for: it was delivered by an earlier run.
  const from = instant(start.since)
  const taken = items.filter((item) => timeOf(item).getTime() >= from && timeOf(item).getTime() <= step.upTo)
  const bound = raiseBound(start.bound, taken, paging)
  const cursor =
    step.kind === 'end'
      ? {
          listing,
          since: bound === null ? start.since : earlier(bound.at, lookBackMs),
          page: null,
          bound,
          trail: newTrail,
        }
      : {
          listing,
          since: step.since,
          page: step.page,
          bound,
          trail: step.page === null ? newTrail : follow(start.trail, step.page),
        }
  return {
    items: taken.filter((item) => !isDelivered(start.bound, item, paging)),
    cursor,
    hasMore: step.kind !== 'end',
  }
}

type Step =
  | { readonly kind: 'end'; readonly upTo: number }
  | { readonly kind: 'on'; readonly upTo: number; readonly since: string | null; readonly page: string | null }

function nextStep(start: Cursor, times: readonly number[], next: string | null, tickMs: number): Step {
  const [oldest] = times
  const newest = times.at(-1)
  const upTo = Number.POSITIVE_INFINITY
  // A provider may name a next page even behind its last one.
  if (oldest === undefined || newest === undefined) return { kind: 'end', upTo }
  const since = instant(start.since)
  const isSorted = oldest >= since && times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time))
  if (start.page !== null) {
    // Behind a link: the pages of one instant end here. What follows them may have moved, so it is asked for by time.
    const shared = instant(start.bound?.at ?? null)
    const after = shared + (shared % tickMs === 0 ? tickMs : 1)
    if (isSorted && oldest >= shared && newest > shared && after > since) {
      return { kind: 'on', upTo: shared, since: new Date(after).toISOString(), page: null }
    }
  } else if (next !== null && isSorted && newest > oldest && newest > since) {
    return { kind: 'on', upTo, since: new Date(newest).toISOString(), page: null }
  }
  return next === null ? { kind: 'end', upTo } : { kind: 'on', upTo, since: start.since, page: next }
}

function earlier(at: string, ms: number): string {
  return new Date(Date.parse(at) - ms).toISOString()
}

function instant(text: string | null): number {
  return text === null ? Number.NEGATIVE_INFINITY : Date.parse(text)
}

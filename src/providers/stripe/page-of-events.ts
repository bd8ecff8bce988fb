import { z } from 'zod'
import { isConnectorsError } from '../../core/domain/errors.ts'
import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import { pageByKey } from '../kit/index.ts'
import type { StripePage } from './stripe-api.ts'
import type { StripeEvent } from './stripe-event.ts'

/** Which events to list: those older than one, those younger than one (the nearest to it), or the newest ones. */
export type ListEvents = (request: {
  readonly startingAfter?: string
  readonly endingBefore?: string
  readonly limit?: number
  readonly signal: AbortSignal | undefined
}) => Promise<StripePage<StripeEvent>>

// `back`: from the newest event to the oldest there is. `on`: from the newest one that was seen to the present.
const cursorSchema = z.object({
  phase: z.enum(['back', 'on']),
  newest: z.string().nullable(),
  at: z.json(),
})

/** Where the feed stands now: what happens from here on, and nothing before. */
export async function eventsFromNow(list: ListEvents, signal: AbortSignal | undefined): Promise<Json> {
  const { items } = await list({ limit: 1, signal })
  const newest = items[0]?.id ?? null
  return { phase: newest === null ? 'back' : 'on', newest, at: null }
}

/**
 * One page of events. From the beginning it goes back to the oldest one (Stripe keeps 30 days), newest first; then it
 * follows the present, oldest first: `ending_before` answers those that are next to the event it names, so that nothing
 * is passed over, however many come in meanwhile (https://docs.stripe.com/api/pagination).
 *
 * @returns `null` if the event that the cursor names is no longer kept.
 */
export async function pageOfEvents(
  list: ListEvents,
  cursor: Json,
  signal: AbortSignal | undefined,
): Promise<FetchedPage<StripeEvent> | null> {
  const parsed = cursorSchema.safeParse(cursor)
  const start = parsed.success ? parsed.data : { phase: 'back' as const, newest: null, at: null }
  const request = { cursor: start.at as Json, signal: signal ?? new AbortController().signal }
  if (start.phase === 'back') {
    const page = await pageByKey(request, {
      fetch: ({ after }) => list({ signal, ...(after !== null && { startingAfter: after }) }),
      keyOf: ({ id }: StripeEvent) => id,
    })
    const newest = start.newest ?? page.items[0]?.id ?? null
    const isOver = !page.hasMore && newest !== null
    return {
      items: page.items,
      cursor: { phase: isOver ? 'on' : 'back', newest, at: page.cursor },
      // What happened while it went back is still to come.
      hasMore: page.hasMore || isOver,
    }
  }
  try {
    const page = await pageByKey(request, {
      resumes: true,
      fetch: async ({ after }) => {
        const endingBefore = after ?? start.newest
        const { items, hasMore } = await list({ signal, ...(endingBefore !== null && { endingBefore }) })
        return { items: items.toReversed(), hasMore }
      },
      keyOf: ({ id }: StripeEvent) => id,
    })
    return { ...page, cursor: { ...start, at: page.cursor } }
  } catch (error) {
    // Stripe knows no event of that id; had the request another fault, the listing from the beginning would have it too.
    if (isConnectorsError(error, 'PROVIDER_REJECTED') && (error.status === 400 || error.status === 404)) return null
    throw error
  }
}

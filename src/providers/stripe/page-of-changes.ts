import { z } from 'zod'
import { isConnectorsError } from '../../core/domain/errors.ts'
import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import { pageByKey } from '../kit/index.ts'
import { eventsFromNow, type ListEvents, pageOfEvents } from './page-of-events.ts'
import type { StripePage } from './stripe-api.ts'
import type { StripeEvent } from './stripe-event.ts'

/** How a kind of object is listed, and how its changes are noticed. */
export interface ChangingObjects<Item> {
  /** The objects older than one, newest first. */
  list(request: { readonly after: string | null; readonly signal: AbortSignal | undefined }): Promise<StripePage<Item>>
  /** One object as it is now; `null` if it was deleted. */
  get(id: string, signal: AbortSignal | undefined): Promise<Item | null>
  keyOf(item: Item): string
  /** The events that tell of a change. */
  readonly events: ListEvents
  /** The id of the object that an event is about; `null` = none. */
  changedBy(event: StripeEvent): string | null
}

const atOnce = 8

// `listing` is set while the objects are listed for the first time; the events that follow are those since it began.
const cursorSchema = z.object({ feed: z.json(), listing: z.object({ at: z.json() }).nullable() })

/**
 * One page of the objects that are new or changed since the last run.
 *
 * Stripe lists by creation, newest first, and can't be asked for changes. So all objects are listed once, from the newest
 * back (new ones come in front and move nothing), and from then on its events name those that changed, from the instant on
 * at which the listing began: https://docs.stripe.com/api/events/list. What they name is fetched anew: the copy inside of
 * an event is that of another moment and perhaps of another API version.
 * Whoever comes back after the events were dropped (30 days) gets the whole listing again.
 */
export async function pageOfChanges<Item>(
  objects: ChangingObjects<Item>,
  { cursor, signal }: { readonly cursor: Json; readonly signal: AbortSignal | undefined },
): Promise<FetchedPage<Item>> {
  const parsed = cursorSchema.safeParse(cursor)
  const start = parsed.success
    ? parsed.data
    : { feed: await eventsFromNow(objects.events, signal), listing: { at: null } }
  if (start.listing !== null) {
    const page = await pageByKey(
      { cursor: start.listing.at as Json, signal: signal ?? new AbortController().signal },
      {
        fetch: ({ after }: { after: string | null }) => objects.list({ after, signal }),
        keyOf: (item: Item) => objects.keyOf(item),
      },
    )
    const listing = page.hasMore ? { at: page.cursor } : null
    return { items: page.items, cursor: { feed: start.feed as Json, listing }, hasMore: true }
  }
  const events = await pageOfEvents(objects.events, start.feed as Json, signal)
  if (events === null) return pageOfChanges(objects, { cursor: null, signal })
  const changed = [...new Set(events.items.flatMap((event) => objects.changedBy(event) ?? []))]
  const items: Item[] = []
  for (let from = 0; from < changed.length; from += atOnce) {
    const some = await Promise.all(changed.slice(from, from + atOnce).map((id) => getIfThere(objects, id, signal)))
    items.push(...some.flatMap((item) => (item === null ? [] : [item])))
  }
  return {
    items,
    cursor: { feed: events.cursor, listing: null },
    hasMore: events.hasMore,
  }
}

async function getIfThere<Item>(objects: ChangingObjects<Item>, id: string, signal: AbortSignal | undefined) {
  try {
    return await objects.get(id, signal)
  } catch (error) {
    if (isConnectorsError(error, 'PROVIDER_REJECTED') && error.status === 404) return null
    throw error
  }
}

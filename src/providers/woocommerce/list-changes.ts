import { z } from 'zod'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { ShopPageRequest } from '../../families/shop/index.ts'
import { pageBySince } from '../kit/index.ts'
import { toGmt } from './gmt-instant.ts'
import { pageBehind, positionSchema, type Slice } from './page-behind.ts'

const tickMs = 1_000

/**
 * PHP takes the instant of a change before it writes the row, so that a row may turn up behind a younger one: what is younger
 * than this waits for the next run. That keeps rows out too whose instant lies in the future: they would move the bound past
 * all that comes before it.
 */
const settledMs = 10_000

/** A page within one query: the query's lower bound, and where in it. */
const tokenSchema = z.object({ since: z.iso.datetime().nullable(), position: positionSchema })

/** What was synced: orders and products are alike in this. */
export interface Changeable {
  readonly externalId: string
  readonly createdAt: Date | null
  readonly updatedAt: Date | null
}

/** A part of a listing, and when the shop listed it, by its own clock. */
export interface DatedSlice<Item> extends Slice<Item> {
  readonly at: Date
}

/**
 * One page of the orders or products that changed since the cursor, or since an instant.
 *
 * `modified_after`, `dates_are_gmt` and `orderby=modified` came with WooCommerce 5.8; an older shop answers 400
 * (`rest_invalid_param`). Within one second the shop sorts by id
 * (`WC_REST_CRUD_Controller::prepare_objects_query()`).
 */
export async function listChanges<Item extends Changeable>(
  { cursor = null, since: from, signal = new AbortController().signal }: ShopPageRequest,
  listing: string,
  fetch: (query: Readonly<Record<string, string | number | boolean>>, signal: AbortSignal) => Promise<DatedSlice<Item>>,
): Promise<FetchedPage<Item>> {
  const timeOf = (item: Item) => item.updatedAt ?? item.createdAt ?? new Date(0)
  return pageBySince(
    { cursor, signal },
    {
      listing,
      tickMs,
      timeOf,
      idOf: ({ externalId }) => externalId,
      async fetch({ since, page, signal: current }) {
        const token = page === null ? null : tokenSchema.parse(JSON.parse(page))
        const start = token === null ? (since ?? from ?? null) : token.since === null ? null : new Date(token.since)
        // `modified_after` leaves its own instant out, and what changed later within that second may be new.
        const bound = start === null ? {} : { modified_after: toGmt(new Date(start.getTime() - tickMs)) }
        let settledAt = Number.NEGATIVE_INFINITY
        const { items, next } = await pageBehind(
          token?.position ?? null,
          (item: Item) => [timeOf(item).getTime(), Number(item.externalId)],
          async (slice) => {
            const query = { ...slice, ...bound, dates_are_gmt: true, orderby: 'modified', order: 'asc' }
            const answer = await fetch(query, current)
            settledAt = answer.at.getTime() - settledMs
            return answer
          },
        )
        const settled = items.filter((item) => timeOf(item).getTime() <= settledAt)
        if (settled.length < items.length) return { items: settled, next: null }
        return {
          items,
          next: next === null ? null : JSON.stringify({ since: start?.toISOString() ?? null, position: next }),
        }
      },
    },
  )
}

import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import { follow, newTrail, trailSchema } from '../../core/domain/page-trail.ts'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'

/** What a provider answers that pages by tokens. */
export interface TokenPage<Item> {
  readonly items: readonly Item[]
  /** Names the next page; none (or an empty text) on the last one. */
  readonly next?: string | null | undefined
  /** On the last page: where the next run starts, for listings of changes. Without it that is the beginning. */
  readonly resume?: string | null | undefined
}

/** How to page by tokens. */
export interface TokenPaging<Item> {
  /** Fetches the page that a token names; `null` = the first one. */
  fetch(at: { readonly token: string | null; readonly signal: AbortSignal }): Promise<TokenPage<Item>>
  /**
   * Whether an empty page is the last one although it names another: some services go on naming pages behind the end.
   * Default false: others have empty pages in the middle, because they filter after paging.
   */
  readonly emptyIsEnd?: boolean
}

const cursorSchema = z.object({ token: z.string(), emptyCount: z.int().min(0), trail: trailSchema })

const mostEmptyPages = 100

/**
 * One page of a listing whose pages are named by opaque tokens.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if the tokens go round in circles, or lead over 100 empty pages in a row.
 */
export async function pageByToken<Item>(
  { cursor, signal }: FetchRequest,
  { fetch, emptyIsEnd = false }: TokenPaging<Item>,
): Promise<FetchedPage<Item>> {
  const parsed = cursorSchema.safeParse(cursor)
  const start = parsed.success ? parsed.data : null
  const { items, next, resume } = await fetch({ token: start?.token ?? null, signal })
  const isEmpty = items.length === 0
  if (next === undefined || next === null || next === '' || (isEmpty && emptyIsEnd)) {
    // A run may begin where the last one did, if nothing has changed: its trail is a new one.
    const end = resume === undefined || resume === null ? null : { token: resume, emptyCount: 0, trail: newTrail }
    return { items, cursor: end, hasMore: false }
  }
  const emptyCount = isEmpty ? (start?.emptyCount ?? 0) + 1 : 0
  if (emptyCount > mostEmptyPages) {
    throw new ConnectorsError('PROVIDER_FAILED', `The provider names a next page after ${emptyCount} empty ones.`)
  }
  return { items, cursor: { token: next, emptyCount, trail: follow(start?.trail ?? newTrail, next) }, hasMore: true }
}

import { ConnectorsError } from '../domain/errors.ts'
import { follow, type Trail } from '../domain/page-trail.ts'
import type { FetchedPage } from '../domain/provider.ts'
import { cursorText, isCursor } from '../domain/sync-state.ts'

/** A page whose shape was checked; the cursor as it is stored. */
export interface CheckedPage {
  /** A frozen copy. */
  readonly items: readonly unknown[]
  readonly cursor: string | null
  readonly hasMore: boolean
  /** Where the run has been, this page included. */
  readonly trail: Trail
}

/**
 * Checks what a provider answered: a wrong page must not move the cursor.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED`, naming the resource.
 */
export function checkPage(
  page: FetchedPage<unknown>,
  {
    before,
    trail,
    incremental,
    name,
  }: {
    /** The cursor that the page was fetched with, as stored. */
    readonly before: string | null
    readonly trail: Trail
    readonly incremental: boolean
    /** Provider and resource, for people. */
    readonly name: string
  },
): CheckedPage {
  const wrong = (what: string) => new ConnectorsError('PROVIDER_FAILED', `The resource ${name} ${what}.`)
  if (typeof page !== 'object' || page === null || !Array.isArray(page.items) || typeof page.hasMore !== 'boolean') {
    throw wrong('did not answer { items, cursor, hasMore }')
  }
  if (!isCursor(page.cursor)) {
    throw wrong('answered a cursor that is no JSON value; null stands for "from the beginning"')
  }
  if (page.hasMore && page.cursor === null) {
    throw wrong('says that there is more, but answered no cursor: that would start from the beginning for ever')
  }
  if (incremental && page.cursor === null && before !== null) {
    throw wrong('ended without a cursor: being incremental, it would start from the beginning the next time')
  }
  const cursor = cursorText(page.cursor)
  if (page.hasMore && cursor === before) {
    throw wrong(
      'says that there is more, but answered the cursor it was given: that would fetch the same page for ever',
    )
  }
  const further = page.hasMore ? follow(trail, cursor ?? '', `The resource ${name}`) : trail
  // A copy, for the provider may keep its own; frozen, for a handler that is run again has to see the same.
  return { items: Object.freeze([...page.items]), cursor, hasMore: page.hasMore, trail: further }
}

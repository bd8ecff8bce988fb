import type { Page, PageRequest } from './page.ts'

/**
 * A list: walk it with `for await`, take one page, or all of it. Each throws `INVALID_INPUT` for a filter with a key that
 * there is not, or with a value of another type.
 */
export interface Listing<Item> extends AsyncIterable<Item> {
  /** One page. Default limit: 100. */
  readonly page: (request?: Partial<PageRequest>) => Promise<Page<Item>>
  /** Every item, in memory: for lists that are known to be short. */
  readonly all: () => Promise<readonly Item[]>
}

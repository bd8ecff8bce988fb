/** One page of a keyset-paged list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Pass as `after` to get the next page; `null` when this was the last one. */
  readonly next: string | null
}

/** Which page of a keyset-paged list. Paging is stable while rows are added. */
export interface PageRequest {
  /** `next` of the page before; `null` or absent for the first page. */
  readonly after?: string | null
  /** Most rows to return, 1 to 1,000. */
  readonly limit: number
}

/** One page of a listing. */
export interface GitHubPage<Item> {
  /** As GitHub sorts them. */
  readonly items: readonly Item[]
  /** Path and query of the next page, for the option `page` of the same method; `null` on the last one. */
  readonly next: string | null
}

/** Which page of a listing to fetch. */
export interface GitHubPageRequest {
  /** `next` of the page before; default: the first page. */
  readonly page?: string | null
  readonly signal?: AbortSignal
}

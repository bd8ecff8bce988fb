import { z } from 'zod'
import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { pageByToken } from './page-by-token.ts'

/** Where a Relay connection stands: https://relay.dev/graphql/connections.htm */
export const pageInfoSchema = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() })

/** Where a Relay connection stands. */
export type PageInfo = z.output<typeof pageInfoSchema>

/** A page of a Relay connection: with `nodes`, or with `edges` where the service knows no `nodes`. */
export type RelayPage<Item> = { readonly pageInfo: PageInfo } & (
  | { readonly nodes: readonly Item[] }
  | { readonly edges: readonly { readonly node: Item }[] }
)

/** How to page through a Relay connection. */
export interface RelayPaging<Item> {
  /** Asks for the items behind a cursor (`after`); `null` = from the beginning. */
  fetch(at: { readonly after: string | null; readonly signal: AbortSignal }): Promise<RelayPage<Item>>
}

/** The cursor of the page behind this one; `null` = it is the last one, also where it says otherwise but names none. */
export function relayNext({ hasNextPage, endCursor }: PageInfo): string | null {
  return hasNextPage ? (endCursor ?? null) : null
}

/**
 * One page of a Relay connection, as GraphQL services page: `connection(first: 50, after: $after) { nodes { … } pageInfo {
 * hasNextPage endCursor } }`. The next run starts from the beginning.
 *
 * @throws {ConnectorsError} `PROVIDER_FAILED` if the cursors go round in circles, or lead over 100 empty pages in a row.
 */
export async function pageByRelay<Item>(
  request: FetchRequest,
  { fetch }: RelayPaging<Item>,
): Promise<FetchedPage<Item>> {
  return pageByToken(request, {
    async fetch({ token, signal }) {
      const page = await fetch({ after: token, signal })
      const items = 'nodes' in page ? page.nodes : page.edges.map(({ node }) => node)
      return { items, next: relayNext(page.pageInfo) }
    },
  })
}

import { z } from 'zod'
import { ProviderRejectedError } from '../../core/domain/errors.ts'
import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Order, OrderItem } from '../../families/shop/index.ts'
import { pageByRelay, pageInfoSchema } from '../kit/index.ts'
import type { DatedPart, Part } from './list-changes.ts'
import type { ShopifyApi } from './shopify-api.ts'
import { lineFields, lineSchema, type ReadOrder } from './shopify-order.ts'

/** A part of a connection of the shop: `orders`, `products` or `customers`, sorted by when they changed. */
export async function readPart<S extends z.ZodType>(
  api: ShopifyApi,
  {
    connection,
    fields,
    first,
    item,
  }: { readonly connection: string; readonly fields: string; readonly first: number; readonly item: S },
  { query, after, signal }: Part,
): Promise<DatedPart<z.output<S>>> {
  const { data, at } = await api.query(
    `query($first: Int!, $after: String, $query: String) {
      page: ${connection}(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
    }`,
    z.object({ page: z.object({ nodes: z.array(item), pageInfo: pageInfoSchema }) }),
    { first, after, query },
    signal,
  )
  return { items: data.page.nodes, pageInfo: data.page.pageInfo, at }
}

/**
 * One object by its global id.
 *
 * @throws {ProviderRejectedError} with status 404 if there is none.
 */
export async function readOne<S extends z.ZodType>(
  api: ShopifyApi,
  { field, fields, item }: { readonly field: string; readonly fields: string; readonly item: S },
  id: string,
  signal?: AbortSignal,
): Promise<z.output<S>> {
  const text = `query($id: ID!) { found: ${field}(id: $id) { ${fields} } }`
  // zod can't follow a generic member through an object.
  const schema = z.object({ found: item.nullable() }) as unknown as z.ZodType<{ readonly found: z.output<S> | null }>
  const { data } = await api.query(text, schema, { id }, signal)
  if (data.found === null) throw new ProviderRejectedError(`The shop has no ${field} ${id}.`, { status: 404 })
  return data.found
}

/** An order with all of its lines: a listing has the first ones only, because Shopify limits what one query may cost. */
export async function withAllLines(
  api: ShopifyApi,
  read: ReadOrder,
  signal: AbortSignal = new AbortController().signal,
): Promise<Order> {
  const more: OrderItem[] = []
  const { hasNextPage, endCursor } = read.lines
  const lines = z.object({ lineItems: z.object({ nodes: z.array(lineSchema), pageInfo: pageInfoSchema }) })
  const fields = `lineItems(first: 50, after: $after) { nodes { ${lineFields} } pageInfo { hasNextPage endCursor } }`
  const text = `query($id: ID!, $after: String) { order(id: $id) { ${fields} } }`
  let cursor: Json = null
  for (let isMore = hasNextPage; isMore; ) {
    const page: FetchedPage<OrderItem | null> = await pageByRelay(
      { cursor, signal },
      {
        async fetch({ after, signal: current }) {
          const variables = { id: read.gid, after: after ?? endCursor ?? null }
          const { data } = await api.query(text, z.object({ order: lines.nullable() }), variables, current)
          // It may have been deleted meanwhile; then its deletion comes next.
          return data.order?.lineItems ?? { nodes: [], pageInfo: { hasNextPage: false } }
        },
      },
    )
    more.push(...page.items.filter((line) => line !== null))
    cursor = page.cursor
    isMore = page.hasMore
  }
  return more.length === 0 ? read.order : { ...read.order, items: [...read.order.items, ...more] }
}

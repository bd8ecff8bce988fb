import { z } from 'zod'
import { ProviderRejectedError } from '../../core/domain/errors.ts'
import type { HttpClient } from '../kit/index.ts'

/**
 * The version that queries and mutations are written for: https://shopify.dev/docs/api/usage/versioning. When it is no longer
 * served, Shopify answers with the oldest that is.
 */
export const shopifyVersion = '2026-01'

type Variables = Readonly<Record<string, unknown>>

/** An answer, and when Shopify gave it, by its own clock. */
export interface Answered<Data> {
  readonly data: Data
  readonly at: Date
}

/** Shopify's GraphQL Admin API for one shop: https://shopify.dev/docs/api/admin-graphql */
export interface ShopifyApi {
  /** Reads; tried again like a GET. */
  query<S extends z.ZodType>(
    text: string,
    data: S,
    variables?: Variables,
    signal?: AbortSignal,
  ): Promise<Answered<z.output<S>>>
  /**
   * Changes something, once. `name` is the mutation, whose `userErrors` are looked at.
   *
   * @throws {ProviderRejectedError} with what Shopify says if there are any.
   */
  mutate<S extends z.ZodType>(name: string, text: string, payload: S, variables: Variables): Promise<z.output<S>>
}

const userErrors = z.array(z.object({ field: z.array(z.string()).nullish(), message: z.string() }))

/** Speaks to one shop. */
export function createShopifyApi(http: HttpClient, now: () => Date): ShopifyApi {
  return {
    async query(query, data, variables = {}, signal) {
      const answer = await http.post('/graphql.json', {
        json: { query, variables },
        isRead: true,
        ...(signal && { signal }),
      })
      const date = Date.parse(answer.headers.date ?? '')
      // zod can't follow a generic member through an object.
      const body = answer.read(z.object({ data })) as { readonly data: z.output<typeof data> }
      return { data: body.data, at: Number.isNaN(date) ? now() : new Date(date) }
    },
    async mutate(name, query, payload, variables) {
      const answer = await http.post('/graphql.json', { json: { query, variables } })
      const refused = answer.read(
        z.object({ data: z.object({ [name]: z.object({ userErrors }) }) }).transform(({ data }) => data[name]),
      )
      const [first] = refused?.userErrors ?? []
      if (first !== undefined) {
        const where = first.field == null || first.field.length === 0 ? '' : ` (${first.field.join('.')})`
        // There are no codes for it: this is how the messages are worded.
        const status = /does not exist|not found/i.test(first.message) ? 404 : 200
        throw new ProviderRejectedError(`Shopify refused ${name}: ${first.message.slice(0, 200)}${where}`, { status })
      }
      const parsed = answer.read(z.object({ data: z.object({ [name]: payload }) }).transform(({ data }) => data[name]))
      // `payload` read it.
      return parsed as z.output<typeof payload>
    },
  }
}

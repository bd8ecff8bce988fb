import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { HttpClient } from '../kit/index.ts'
import { type FormValue, formFields } from './form-fields.ts'

/** The version of the API that requests and webhook endpoints are pinned to: https://docs.stripe.com/api/versioning */
export const stripeVersion = '2025-07-30.basil'

type Fields = { readonly [name: string]: FormValue }

/** A page of a listing, the newest first. */
export interface StripePage<Item> {
  readonly items: readonly Item[]
  readonly hasMore: boolean
}

/** Stripe's API in the words of its documentation, for one connection. */
export interface StripeApi {
  get<S extends z.ZodType>(path: string, schema: S, query?: Fields, signal?: AbortSignal): Promise<z.output<S>>
  list<S extends z.ZodType>(
    path: string,
    schema: S,
    query: Fields,
    signal: AbortSignal | undefined,
  ): Promise<StripePage<z.output<S>>>
  /** With an idempotency key it is tried again; Stripe keeps keys for at least 24 hours: https://docs.stripe.com/api/idempotent_requests */
  post<S extends z.ZodType>(path: string, schema: S, form: Fields, idempotencyKey: string): Promise<z.output<S>>
  delete<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>>
}

/** Speaks to Stripe, on behalf of a connected account if one is named: https://docs.stripe.com/connect/authentication */
export function createStripeApi(http: HttpClient, accountId: string | undefined): StripeApi {
  const headers: Record<string, string> = accountId === undefined ? {} : { 'stripe-account': accountId }
  const options = (query: Fields = {}, signal?: AbortSignal) => ({
    headers,
    query: formFields(query),
    ...(signal !== undefined && { signal }),
  })
  return {
    async get(path, schema, query, signal) {
      return (await http.get(path, options(query, signal))).read(schema)
    },
    async list(path, schema, query, signal) {
      const answer = await http.get(path, options(query, signal))
      const page = answer.read(z.object({ data: z.array(schema), has_more: z.boolean() }))
      return { items: page.data, hasMore: page.has_more }
    },
    async post(path, schema, form, idempotencyKey) {
      // Stripe takes up to 255 characters; a header can't hold others than these.
      if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
        throw new ConnectorsError('INVALID_INPUT', 'An idempotency key is 1 to 255 ASCII characters without spaces.')
      }
      return (await http.post(path, { headers, form: formFields(form), idempotencyKey })).read(schema)
    },
    async delete(path, schema) {
      return (await http.delete(path, { headers })).read(schema)
    },
  }
}

/**
 * An id as part of a path.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` for what can be no id of Stripe's.
 */
export function inPath(id: string): string {
  if (typeof id === 'string' && /^\w{1,255}$/.test(id)) return id
  throw new ConnectorsError('INVALID_INPUT', 'An id of Stripe is letters, digits and underscores.')
}

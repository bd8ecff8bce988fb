import type { Query } from '../kit/index.ts'

/** What a form of Stripe's can hold. `undefined` and `null` are left out. */
export type FormValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly FormValue[]
  | { readonly [name: string]: FormValue }

/**
 * Nested fields under names in brackets, as Stripe reads them: `metadata[order]`, `enabled_events[0]`.
 * https://docs.stripe.com/api/metadata shows the form.
 */
export function formFields(fields: { readonly [name: string]: FormValue }): Query {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => flatten(name, value)))
}

function flatten(name: string, value: FormValue): [string, string | number | boolean][] {
  if (value === undefined || value === null) return []
  if (typeof value !== 'object') return [[name, value]]
  return Object.entries(value).flatMap(([key, inner]) => flatten(`${name}[${key}]`, inner))
}

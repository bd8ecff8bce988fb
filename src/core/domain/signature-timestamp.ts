import type { JsonObject } from './json.ts'
import { parseJsonBody } from './webhook-delivery.ts'

/** Deliveries are accepted this much before and after the instant that they were signed at, if nothing else is said. */
const defaultToleranceMs = 300_000

/** The signed instant of a delivery. It must be near now, in both directions, or the delivery is rejected. */
export interface TimestampRule {
  /** A header, a field of the signature's header (`t` of `t=1,v1=…`), or a member of the JSON body. */
  readonly from: { readonly header: string } | { readonly field: string } | { readonly body: string }
  /** What the number counts since 1970; default `s`. */
  readonly unit?: 's' | 'ms'
  /** Milliseconds that it may lie before or after now; more than 0; default 300,000. */
  readonly toleranceMs?: number
}

/** The timestamp in a body, as text; `null` if there is none. */
export function timestampInBody(rawBody: Uint8Array, member: string): string | null {
  const body = parseJsonBody(rawBody)
  if (typeof body !== 'object' || body === null || Array.isArray(body) || !Object.hasOwn(body, member)) return null
  const value = (body as JsonObject)[member]
  return typeof value === 'number' || typeof value === 'string' ? String(value) : null
}

/** Why a timestamp is not accepted at an instant, or `null` if it is. */
export function timestampMistake(
  text: string,
  { unit = 's', toleranceMs = defaultToleranceMs }: Pick<TimestampRule, 'unit' | 'toleranceMs'>,
  now: Date,
): string | null {
  // Digits only: Number() would also take signs, spaces, exponents and the empty text.
  if (!/^\d{1,15}$/.test(text)) return 'the timestamp is not a number of seconds or milliseconds'
  const ageMs = now.getTime() - Number(text) * (unit === 's' ? 1_000 : 1)
  // Written so that NaN is refused.
  if (Math.abs(ageMs) <= toleranceMs) return null
  return ageMs > 0
    ? `the delivery was signed ${Math.round(ageMs / 1_000)} s ago, more than ${toleranceMs / 1_000} s`
    : `the delivery was signed ${Math.round(-ageMs / 1_000)} s in the future, more than ${toleranceMs / 1_000} s; check the clock`
}

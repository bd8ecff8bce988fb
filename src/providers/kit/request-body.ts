import { ConnectorsError } from '../../core/domain/errors.ts'

/** Values of a query string or form. `undefined` and `null` are left out; an array repeats its name. */
export type Query = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly (string | number | boolean)[]>
>

/** The body of a request: at most one of the three. */
export interface RequestBody {
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent form-encoded. */
  readonly form?: Query
  /** Sent as it is; name its type in `headers`. */
  readonly body?: string | Uint8Array
}

/**
 * What is sent, and its type.
 *
 * @throws {ConnectorsError} `INVALID_INPUT` if several are given.
 */
export function toBody({ json, form, body }: RequestBody): {
  readonly body: string | Uint8Array | null
  readonly type: string | null
} {
  const given = [json, form, body].filter((part) => part !== undefined)
  if (given.length > 1) throw new ConnectorsError('INVALID_INPUT', 'Give one of json, form and body, not several.')
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' }
  if (form !== undefined) {
    return { body: new URLSearchParams([...pairs(form)]).toString(), type: 'application/x-www-form-urlencoded' }
  }
  return { body: body ?? null, type: null }
}

/** The pairs of a query. */
export function* pairs(query: Query): Generator<[string, string]> {
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue
    for (const one of Array.isArray(value) ? value : [value]) yield [name, String(one)]
  }
}

/** Headers with their names in lower case. */
export function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

import { ConnectorsError } from '../../core/domain/errors.ts'

/** A request that is about to be sent, as a signer sees it. */
export interface SignableRequest {
  readonly method: string
  /** Absolute, with its query string. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
  /** The current instant, for signatures that expire. */
  readonly at: Date
  /** Fires when the caller of the request gives up. */
  readonly signal: AbortSignal | null
}

/** What proves who is asking. It is added to a request and replaces what is there under the same name. */
export interface Proof {
  readonly headers?: Readonly<Record<string, string>>
  /** Parameters of the query string. They reach neither errors nor `HttpAnswer.url`, nor the links to other pages. */
  readonly query?: Readonly<Record<string, string>>
  /** Sent instead of the request's body, for services that want the signature in there. */
  readonly body?: string | Uint8Array
}

/** How requests of a connection prove who is asking. */
export interface AuthStrategy {
  /** Called for each attempt, and again after a redirect within the origin. Another origin gets no proof. */
  readonly sign: (request: SignableRequest) => Proof | Promise<Proof>
  /** Values that are cut out of error messages, should the provider echo them. */
  readonly secrets: readonly string[]
}

// What HTTP allows in a header value (RFC 9110, 5.5) without the obsolete bytes above 0x7f.
const sendable = /^[\x20-\x7e]*$/

function always(proof: Proof, secrets: readonly string[]): AuthStrategy {
  for (const [name, value] of Object.entries(proof.headers ?? {})) {
    if (!sendable.test(value)) {
      throw new ConnectorsError(
        'INVALID_CREDENTIALS',
        `The credentials can't be sent in the header ${name.toLowerCase()}: they hold a line break or another character ` +
          'that HTTP does not allow there. Copy them again without surrounding white space.',
      )
    }
  }
  return { sign: () => proof, secrets: secrets.filter((secret) => secret !== '') }
}

/** No authentication at all. */
export function none(): AuthStrategy {
  return always({}, [])
}

/** `Authorization: Basic <base64 of user:password>` (RFC 7617, UTF-8). */
export function basic(user: string, password: string): AuthStrategy {
  const encoded = Buffer.from(`${user}:${password}`, 'utf8').toString('base64')
  return always({ headers: { authorization: `Basic ${encoded}` } }, [password, encoded])
}

/**
 * `Authorization: Bearer <token>` (RFC 6750).
 *
 * @throws {ConnectorsError} `INVALID_CREDENTIALS` if the token can't be part of a header.
 */
export function bearer(value: string): AuthStrategy {
  return token(value, { prefix: 'Bearer' })
}

/**
 * A token behind a word of the provider's own: `token(t)` sends `Authorization: Token t`.
 *
 * @throws {ConnectorsError} `INVALID_CREDENTIALS` if the token can't be part of a header.
 */
export function token(
  value: string,
  { prefix = 'Token', header = 'authorization' }: { readonly prefix?: string; readonly header?: string } = {},
): AuthStrategy {
  return always({ headers: { [header]: prefix === '' ? value : `${prefix} ${value}` } }, [value])
}

/**
 * A key in a header or in the query string: `apiKey(key, { header: 'x-api-key' })`, `apiKey(key, { query: 'api_key' })`.
 * Prefer the header where the service takes both: what stands in an address is logged by everyone it passes.
 *
 * @throws {ConnectorsError} `INVALID_CREDENTIALS` if the key can't be part of a header.
 */
export function apiKey(key: string, at: { readonly header: string } | { readonly query: string }): AuthStrategy {
  return always('header' in at ? { headers: { [at.header]: key } } : { query: { [at.query]: key } }, [key])
}

/**
 * Several headers at once, e.g. an id and a key. All their values count as secrets.
 *
 * @throws {ConnectorsError} `INVALID_CREDENTIALS` if one of them can't be part of a header.
 */
export function headers(values: Readonly<Record<string, string>>): AuthStrategy {
  return always({ headers: values }, Object.values(values))
}

/**
 * A signature over the request, for what the others can't say. What `sign` throws ends the request as it is.
 *
 * @example
 * signer(
 *   ({ method, url, body, at }) => {
 *     const signed = createHmac('sha256', key).update(`${method}\n${url}\n${at.getTime()}\n${body ?? ''}`).digest('hex')
 *     return { headers: { 'x-timestamp': String(at.getTime()), 'x-signature': signed } }
 *   },
 *   { secrets: [key] },
 * )
 */
export function signer(sign: AuthStrategy['sign'], { secrets }: { readonly secrets: readonly string[] }): AuthStrategy {
  return { sign, secrets: secrets.filter((secret) => secret !== '') }
}

import { ConnectorsError, isConnectorsError, ProviderRejectedError } from '../../core/domain/errors.ts'
import type { AdapterContext, AdapterRequest } from '../../core/domain/provider.ts'
import type { HttpResponse } from '../../core/ports/http-transport.ts'
import type { AuthStrategy } from './auth-strategy.ts'
import type { HttpAnswer } from './http-answer.ts'
import { toHttpAnswer } from './http-answer.ts'
import { shortMessage } from './short-message.ts'
import type { FailedAnswer, StatusRules } from './status-error.ts'
import { statusError, statusVerdict } from './status-error.ts'

/** Values of a query string. `undefined` and `null` are left out; an array repeats its name. */
export type Query = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly (string | number | boolean)[]>
>

/** What any request may say. */
export interface RequestOptions {
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Milliseconds for the whole exchange of one attempt; default: the option `http.timeoutMs`. */
  readonly timeoutMs?: number
}

/** What a request that changes something may say. At most one of `json`, `form` and `body`. */
export interface WriteOptions extends RequestOptions {
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent form-encoded. */
  readonly form?: Query
  /** Sent as it is; name its type in `headers`. */
  readonly body?: string | Uint8Array
  /** Sent as `Idempotency-Key`. Only with it is a write tried again: the provider must honour that header. */
  readonly idempotencyKey?: string
}

/**
 * The HTTP client of one connection. Paths are relative to the base URL, a leading slash included, and can't leave its
 * path; an absolute URL (a link of the provider's) must lie in its origin.
 * Statuses from 400 on are thrown as typed errors; GETs and writes with an idempotency key are tried again after network
 * failures, 5xx, and 429 with a short wait.
 *
 * Everything throws `AuthenticationError`, `PermissionError`, `RateLimitError`, `ProviderRejectedError`,
 * `ProviderUnavailableError`, or a `ConnectorsError` with `EGRESS_REFUSED`, `ABORTED` or `INVALID_INPUT`.
 */
export interface HttpClient {
  /** Scheme, host and port of the base URL. */
  readonly origin: string
  get(path: string, options?: RequestOptions): Promise<HttpAnswer>
  post(path: string, options?: WriteOptions): Promise<HttpAnswer>
  put(path: string, options?: WriteOptions): Promise<HttpAnswer>
  patch(path: string, options?: WriteOptions): Promise<HttpAnswer>
  delete(path: string, options?: WriteOptions): Promise<HttpAnswer>
}

/** What makes the client of one connection. */
export interface HttpClientOptions {
  /** From the core: the way out, the clock, chance. */
  readonly context: Pick<AdapterContext<unknown, unknown>, 'send' | 'now' | 'wait' | 'fraction'>
  /** Absolute http or https URL; its path is kept in front of every relative path. */
  readonly baseUrl: string
  readonly auth: AuthStrategy
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** How statuses differ from the usual meaning. */
  readonly errors?: StatusRules
  /** How often a request is tried again at most; default 2. */
  readonly retries?: number
}

const maxRedirects = 5
const longestWaitMs = 10_000
const firstBackoffMs = 500
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Makes the HTTP client that adapters talk through.
 *
 * @throws {ConnectorsError} `INVALID_SETTINGS` if the base URL isn't an absolute http or https URL.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { context, auth, errors = {}, retries = 2 } = options
  const base = parseBaseUrl(options.baseUrl)

  async function exchange(request: Omit<AdapterRequest, 'attempt'>, attempt: number): Promise<HttpAnswer> {
    let { method, body, headers } = request
    let url = new URL(request.url)
    for (let hop = 0; ; hop += 1) {
      const asked = { method, url: url.href, headers, body, at: context.now(), signal: request.signal ?? null }
      const proof = await auth.sign(asked)
      const signed = new URL(url)
      for (const [name, value] of Object.entries(proof.query ?? {})) signed.searchParams.set(name, value)
      const response = await context.send({
        ...request,
        method,
        url: signed.href,
        headers: { ...headers, ...lowerCase(proof.headers) },
        body: proof.body ?? body,
        attempt,
      })
      const what = `${method} ${url.pathname}`
      const location = response.headers.location
      if (!redirects.has(response.status) || location === undefined) {
        const failed = failedAnswer(response, errors, context.now())
        const verdict = statusVerdict(failed, errors)
        if (verdict === undefined) return toHttpAnswer(what, url.href, response, Object.keys(proof.query ?? {}))
        const said = shortMessage(failed.text, failed.headers['content-type'], auth.secrets)
        throw statusError(verdict, failed.status, `${what} answered ${failed.status}${said === '' ? '.' : `: ${said}`}`)
      }
      if (hop === maxRedirects) {
        throw new ProviderRejectedError(`${what} redirects more than ${maxRedirects} times.`, {
          status: response.status,
        })
      }
      if (response.status === 303) {
        method = 'GET'
        body = null
        const { 'content-type': _type, ...rest } = headers
        headers = rest
      } else if (method !== 'GET' && response.status < 307) {
        // Browsers turn such a POST into a GET: the caller would take a listing for the thing it made.
        throw new ProviderRejectedError(
          `${what} answered ${response.status}: the address has moved, and a ${method} is not repeated elsewhere on a ${response.status}.`,
          { status: response.status },
        )
      }
      url = withinOrigin(location, url, base, `${what} redirects to`)
      // The provider may repeat what it was asked with.
      for (const name of Object.keys(proof.query ?? {})) url.searchParams.delete(name)
    }
  }

  async function run(method: string, path: string, write: WriteOptions): Promise<HttpAnswer> {
    const request = toRequest(method, path, write)
    const mayRepeat = method === 'GET' || write.idempotencyKey !== undefined
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await exchange(request, attempt)
      } catch (error) {
        const waitMs = mayRepeat && attempt <= retries ? waitBefore(error, attempt) : null
        if (waitMs === null) throw error
        await waitUnlessAborted(waitMs, write.signal)
      }
    }
  }

  function waitBefore(error: unknown, attempt: number): number | null {
    if (!isConnectorsError(error) || !error.retryable) return null
    const asked = error.retryAfterMs
    if (asked !== undefined && asked > longestWaitMs) return null
    switch (error.code) {
      case 'RATE_LIMITED':
        // Without a named wait only whoever pauses the connection can do right by the provider.
        return asked === undefined ? null : asked
      case 'PROVIDER_UNAVAILABLE':
        return Math.max(asked ?? 0, context.fraction() * firstBackoffMs * 2 ** (attempt - 1))
      default:
        return null
    }
  }

  async function waitUnlessAborted(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal === undefined) return context.wait(ms)
    let stop = () => {}
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(new ConnectorsError('ABORTED', 'The request was aborted while waiting to be tried again.'))
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
    try {
      await Promise.race([context.wait(ms), aborted])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  function toRequest(method: string, path: string, write: WriteOptions): Omit<AdapterRequest, 'attempt'> {
    const what = `A ${method} asks for`
    // Without the slashes, "https:../x" would be relative to the base.
    const url = /^https?:[/\\]{2}/i.test(path) ? withinOrigin(path, base, base, what) : belowBase(path, base, what)
    for (const [name, value] of pairs(write.query ?? {})) url.searchParams.append(name, value)
    const { body, type } = toBody(write)
    return {
      method,
      url: url.href,
      body,
      headers: {
        accept: 'application/json',
        ...(type !== null && { 'content-type': type }),
        ...(write.idempotencyKey !== undefined && { 'idempotency-key': write.idempotencyKey }),
        ...lowerCase(options.headers),
        ...lowerCase(write.headers),
      },
      ...(write.timeoutMs !== undefined && { timeoutMs: write.timeoutMs }),
      ...(write.signal !== undefined && { signal: write.signal }),
    }
  }

  return {
    origin: base.origin,
    get: (path, read = {}) => run('GET', path, read),
    post: (path, write = {}) => run('POST', path, write),
    put: (path, write = {}) => run('PUT', path, write),
    patch: (path, write = {}) => run('PATCH', path, write),
    delete: (path, write = {}) => run('DELETE', path, write),
  }
}

function parseBaseUrl(text: string): URL {
  const base = URL.canParse(text) ? withoutSecrets(new URL(text)) : null
  if (base === null || (base.protocol !== 'https:' && base.protocol !== 'http:')) {
    throw new ConnectorsError('INVALID_SETTINGS', 'The base URL is not an absolute http or https URL.')
  }
  base.search = ''
  // Without the slash a relative path would replace the last part of the base's.
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}

function withinOrigin(target: string, relativeTo: URL, base: URL, what: string): URL {
  const url = URL.canParse(target, relativeTo.href) ? new URL(target, relativeTo) : null
  if (url?.origin !== base.origin) {
    throw new ConnectorsError(
      'EGRESS_REFUSED',
      `${what} ${url === null ? 'an invalid address' : url.origin}, but this connection only talks to ${base.origin}.`,
    )
  }
  return withoutSecrets(url)
}

/** Other parts of the host may belong to somebody else, and a part of a path may be what a stranger typed. */
function belowBase(path: string, base: URL, what: string): URL {
  const url = withinOrigin(`./${path.replace(/^\/+/, '')}`, base, base, what)
  const isBelow = ({ pathname }: URL) => pathname.startsWith(base.pathname)
  // A server, or a proxy before it, may decode slashes, fold them, and only then resolve the dots.
  const folded = () => url.pathname.slice(base.pathname.length).replace(/(?:\/|%2f|%5c)+/gi, '/')
  if (!isBelow(url) || !isBelow(new URL(`.${folded().replace(/^\/?/, '/')}`, base))) {
    throw new ConnectorsError(
      'EGRESS_REFUSED',
      `${what} ${url.pathname}, but the paths of this connection begin with ${base.pathname}.`,
    )
  }
  return url
}

// User and password belong into the auth strategy: in an address they would reach logs.
function withoutSecrets(url: URL): URL {
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}

function failedAnswer(response: HttpResponse, errors: StatusRules, now: Date): FailedAnswer {
  const isOfInterest = response.status >= 400 || errors[response.status] !== undefined
  const date = Date.parse(response.headers.date ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text: isOfInterest ? new TextDecoder().decode(response.body) : '',
    at: Number.isNaN(date) ? now : new Date(date),
  }
}

function* pairs(query: Query): Generator<[string, string]> {
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue
    for (const one of Array.isArray(value) ? value : [value]) yield [name, String(one)]
  }
}

function toBody(write: WriteOptions): { readonly body: string | Uint8Array | null; readonly type: string | null } {
  const given = [write.json, write.form, write.body].filter((part) => part !== undefined)
  if (given.length > 1) throw new ConnectorsError('INVALID_INPUT', 'Give one of json, form and body, not several.')
  if (write.json !== undefined) return { body: JSON.stringify(write.json), type: 'application/json' }
  if (write.form !== undefined) {
    return { body: new URLSearchParams([...pairs(write.form)]).toString(), type: 'application/x-www-form-urlencoded' }
  }
  return { body: write.body ?? null, type: null }
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

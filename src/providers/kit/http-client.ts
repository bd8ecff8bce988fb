import { ConnectorsError, isConnectorsError, ProviderUnavailableError } from '../../core/domain/errors.ts'
import type { AdapterContext, AdapterRequest } from '../../core/domain/provider.ts'
import { createRedactor } from '../../core/domain/redaction.ts'
import type { AuthStrategy } from './auth-strategy.ts'
import { exchange } from './exchange.ts'
import type { HttpAnswer } from './http-answer.ts'
import { callHook, type HttpHooks, viewOf } from './http-hooks.ts'
import type { RateLimitHeaders } from './rate-limit-headers.ts'
import { lowerCase, pairs, type Query, type RequestBody, toBody } from './request-body.ts'
import { parseBaseUrl, resolvePath } from './request-url.ts'
import type { StatusRules } from './status-error.ts'

/** What any request may say. */
export interface RequestOptions {
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Milliseconds for one exchange (each redirect is another), above 0; default: the option `http.timeoutMs`. */
  readonly timeoutMs?: number
  /** Milliseconds for all attempts, redirects and waits together, above 0; default: what the definition says, else 60,000. */
  readonly deadlineMs?: number
}

/** What a request that changes something may say. At most one of `json`, `form` and `body`. */
export interface WriteOptions extends RequestOptions, RequestBody {
  /** Sent as `Idempotency-Key`. Only with it is a write tried again: the provider must honour that header. */
  readonly idempotencyKey?: string
  /** Says that it changes nothing, e.g. a query of GraphQL, so that it is tried again like a GET. Default: by its method. */
  readonly isRead?: boolean
}

/**
 * The HTTP client of one connection. Paths are relative to the base URL, a leading slash included, and can't leave its
 * path; an absolute URL (a link of the provider's) must lie in its origin.
 * Statuses from 400 on are thrown as typed errors; GET, HEAD, OPTIONS and writes with an idempotency key are tried again
 * after network failures, 5xx, and 429 with a short wait; so are other requests that say `isRead`. A wait that is longer than 10 seconds, or than what is left of
 * the deadline, is not waited out: the error carries it as `retryAfterMs`.
 *
 * Everything throws `AuthenticationError`, `PermissionError`, `RateLimitError`, `ProviderRejectedError`,
 * `ProviderUnavailableError`, or a `ConnectorsError` with `EGRESS_REFUSED`, `ABORTED` or `INVALID_INPUT`.
 */
export interface HttpClient {
  /** Scheme, host and port of the base URL. */
  readonly origin: string
  /** `GET`, tried again. */
  get(path: string, options?: RequestOptions): Promise<HttpAnswer>
  /** `HEAD`, tried again; the answer has no body. */
  head(path: string, options?: RequestOptions): Promise<HttpAnswer>
  /** `POST`, tried again only with an idempotency key or `isRead`. */
  post(path: string, options?: WriteOptions): Promise<HttpAnswer>
  /** `PUT`, tried again as `post` is. */
  put(path: string, options?: WriteOptions): Promise<HttpAnswer>
  /** `PATCH`, tried again as `post` is. */
  patch(path: string, options?: WriteOptions): Promise<HttpAnswer>
  /** `DELETE`, tried again as `post` is. */
  delete(path: string, options?: WriteOptions): Promise<HttpAnswer>
  /** Any method, e.g. `OPTIONS`, or a GET with a body. */
  request(method: string, path: string, options?: WriteOptions): Promise<HttpAnswer>
}

/** How the client of a provider behaves. */
export interface HttpBehaviour {
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** How statuses differ from the usual: 401 authentication, 403 permission, 429 rate limit, other 4xx rejected, 5xx unavailable. */
  readonly errors?: StatusRules
  /** Where the service says when its rate limit ends, if not in `Retry-After`. */
  readonly rateLimitHeaders?: RateLimitHeaders
  /** How often a request is tried again at most; default 2. */
  readonly retries?: number
  /** Milliseconds for all attempts of a request and the waits between them; default 60,000. */
  readonly deadlineMs?: number
  /** What the header for idempotency keys is called; default `idempotency-key`. */
  readonly idempotencyHeader?: string
  /** Watchers. */
  readonly hooks?: HttpHooks
}

/** What makes the client of one connection. */
export interface HttpClientOptions extends HttpBehaviour {
  /** From the core: the way out, the clock, chance, and what keeps secrets out of messages. */
  readonly context: Pick<AdapterContext<unknown, unknown>, 'send' | 'now' | 'wait' | 'fraction' | 'redact' | 'report'>
  /** Absolute http or https URL; its path is kept in front of every relative path. */
  readonly baseUrl: string
  readonly auth: AuthStrategy
}

const longestWaitMs = 10_000
const firstBackoffMs = 500
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Makes the HTTP client that adapters talk through.
 *
 * @throws {ConnectorsError} `INVALID_SETTINGS` if the base URL isn't an absolute http or https URL.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { context, auth, errors = {}, retries = 2, hooks = {}, rateLimitHeaders } = options
  const base = parseBaseUrl(options.baseUrl)
  // A strategy may make secrets of its own out of those of the connection.
  const proofs = createRedactor(auth.secrets)
  const redact = (text: string) => proofs.text(context.redact(text))
  const parts = { context, base, auth, redact, errors, rateLimitHeaders }

  /** One attempt, watched. */
  async function attemptOnce(request: AdapterRequest): Promise<HttpAnswer> {
    const { method, attempt } = request
    const view = { method, url: viewOf(new URL(request.url), redact), attempt }
    const startedAt = context.now().getTime()
    const durationMs = () => Math.max(0, context.now().getTime() - startedAt)
    callHook(hooks, 'onRequest', view, context.report)
    try {
      const answer = await exchange(request, parts)
      callHook(hooks, 'onResponse', { ...view, status: answer.status, durationMs: durationMs() }, context.report)
      return answer
    } catch (error) {
      callHook(hooks, 'onError', { ...view, error, durationMs: durationMs() }, context.report)
      throw error
    }
  }

  async function run(method: string, path: string, write: WriteOptions): Promise<HttpAnswer> {
    checkLimits({ timeoutMs: write.timeoutMs, deadlineMs: write.deadlineMs ?? options.deadlineMs })
    const request = toRequest(method, path, write)
    const mayRepeat = (write.isRead ?? safe.has(method)) || write.idempotencyKey !== undefined
    const deadlineMs = write.deadlineMs ?? options.deadlineMs ?? Math.max(60_000, write.timeoutMs ?? 0)
    const deadlineAt = new Date(context.now().getTime() + deadlineMs)
    const leftMs = () => deadlineAt.getTime() - context.now().getTime()
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptOnce({ ...request, attempt, deadlineAt })
      } catch (error) {
        const waitMs = mayRepeat && attempt <= retries ? waitBefore(error, attempt) : null
        if (waitMs === null || waitMs >= leftMs()) throw error
        await context.wait(waitMs, write.signal)
        // The clock may have gone further than it was asked to.
        if (leftMs() <= 0) {
          throw new ProviderUnavailableError(
            `${method} ${new URL(request.url).pathname} had no success within ${deadlineMs} ms.`,
            { cause: error },
          )
        }
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

  function toRequest(method: string, path: string, write: WriteOptions): Omit<AdapterRequest, 'attempt'> {
    const url = resolvePath(path, base, `A ${method} asks for`)
    for (const [name, value] of pairs(write.query ?? {})) url.searchParams.append(name, value)
    const { body, type } = toBody(write)
    const idempotencyHeader = options.idempotencyHeader?.toLowerCase() ?? 'idempotency-key'
    return {
      method,
      url: url.href,
      body,
      headers: {
        accept: 'application/json',
        ...(type !== null && { 'content-type': type }),
        ...(write.idempotencyKey !== undefined && { [idempotencyHeader]: write.idempotencyKey }),
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
    head: (path, read = {}) => run('HEAD', path, read),
    post: (path, write = {}) => run('POST', path, write),
    put: (path, write = {}) => run('PUT', path, write),
    patch: (path, write = {}) => run('PATCH', path, write),
    delete: (path, write = {}) => run('DELETE', path, write),
    request: (method, path, write = {}) => run(method.toUpperCase(), path, write),
  }
}

/** Timers take a longer wait, or none at all, for one that is over. */
const longestLimitMs = 2 ** 31 - 1

function checkLimits(limits: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined || (value > 0 && value <= longestLimitMs)) continue
    throw new ConnectorsError(
      'INVALID_INPUT',
      `\`${name}\` must be milliseconds, above 0 and at most ${longestLimitMs}.`,
    )
  }
}

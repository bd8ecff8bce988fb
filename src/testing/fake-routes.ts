import { type FakeAnswer, sendFakeAnswer } from './fake-fault.ts'
import type { FakeAnswerer, FakeRequest } from './fake-provider.ts'

/** A request that a route answers. */
export interface RoutedRequest extends FakeRequest {
  /** What stands at the `:names` of the route, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}

/** Answers a request: a JSON value is sent with status 200, a {@link FakeResponse} as it says. */
export type FakeRoute = (request: RoutedRequest) => unknown

const brand = Symbol('fake response')

/** An answer that is more than a body. */
export interface FakeResponse extends FakeAnswer {
  readonly [brand]: true
}

/** Says status and headers too, e.g. `fakeResponse(404, { message: 'no such order' })`. */
export function fakeResponse(
  status: number,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): FakeResponse {
  return { [brand]: true, status, headers, body }
}

/** Who may ask. */
export interface FakeAccess {
  /** All others are answered with 401. Default: everybody may. */
  readonly authorize?: (request: FakeRequest) => boolean
}

/**
 * An answerer made of routes, `METHOD /path`, in which `:name` stands for one segment. What no route answers is 404.
 *
 * @example
 * fakeRoutes(
 *   { 'GET /orders': ({ query }) => ({ orders: orders.slice(Number(query.get('offset') ?? 0)).slice(0, 10) }) },
 *   { authorize: ({ headers }) => headers.authorization === 'Bearer token-of-acme' },
 * )
 */
export function fakeRoutes(routes: Readonly<Record<string, FakeRoute>>, { authorize }: FakeAccess = {}): FakeAnswerer {
  const table = Object.entries(routes).map(([route, answer]) => {
    const [method = '', path = ''] = route.split(' ')
    return { method, segments: path.split('/'), answer }
  })
  return async (request, response) => {
    if (authorize?.(request) === false) {
      return sendFakeAnswer(response, { status: 401, body: { message: 'Bad credentials' } })
    }
    const url = new URL(request.url, 'http://fake.provider')
    const asked = url.pathname.split('/').map(decodeURIComponent)
    for (const { method, segments, answer } of table) {
      const params = method === request.method ? match(segments, asked) : null
      if (params === null) continue
      const made = await answer({ ...request, params, query: url.searchParams })
      return sendFakeAnswer(response, isFakeResponse(made) ? made : { status: 200, body: made })
    }
    return sendFakeAnswer(response, { status: 404, body: { message: `There is no ${request.method} ${url.pathname}` } })
  }
}

function match(segments: readonly string[], asked: readonly string[]): Readonly<Record<string, string>> | null {
  if (segments.length !== asked.length) return null
  const params: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const value = asked[index] ?? ''
    if (segment.startsWith(':')) params[segment.slice(1)] = value
    else if (segment !== value) return null
  }
  return params
}

function isFakeResponse(value: unknown): value is FakeResponse {
  return typeof value === 'object' && value !== null && brand in value
}

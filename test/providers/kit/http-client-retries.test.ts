import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../src/providers/kit/http-client.ts'
import { bearer } from '../../../src/providers/kit/index.ts'
import { type Answer, answerJson, connectHttpClient } from '../../support/connect-http-client.ts'
import { createProviderContext } from '../../support/provider-context.ts'

const ok: Answer = (_request, response) => answerJson(response, 200, { ok: true })

describe('trying again', () => {
  it('helps a GET over 500s, resets and truncated bodies, with growing waits, and numbers the attempts', async () => {
    const { http, waits, sent } = await connectHttpClient((_request, response, count) => {
      if (count === 1) answerJson(response, 500, {})
      else if (count === 2) response.socket?.resetAndDestroy()
      else answerJson(response, 200, { ok: true })
    })
    expect((await http.get('/')).json()).toEqual({ ok: true })
    expect(waits).toEqual([250, 500])
    expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  })

  it('ends after two more attempts with the last error', async () => {
    const { http, server } = await connectHttpClient((_request, response) =>
      answerJson(response, 503, { message: 'down' }),
    )
    await expect(http.get('/')).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: 'GET / answered 503: down',
    })
    expect(server.requests).toHaveLength(3)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 2 ** 31])(
    'refuses a time limit of %d ms, which no timer keeps, before anything is sent',
    async (limitMs) => {
      const { http, server } = await connectHttpClient(ok)
      for (const name of ['timeoutMs', 'deadlineMs']) {
        await expect(http.get('/', { [name]: limitMs })).rejects.toMatchObject({
          code: 'INVALID_INPUT',
          message: expect.stringContaining(name),
        })
      }
      expect(server.requests).toEqual([])
    },
  )

  it('never repeats a write, unless it carries an idempotency key', async () => {
    const answer: Answer = (_request, response, count) => answerJson(response, count === 1 ? 500 : 200, {})
    for (const method of ['post', 'put', 'patch', 'delete'] as const) {
      const { http, server } = await connectHttpClient(answer)
      await expect(http[method]('/')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      expect(server.requests).toHaveLength(1)
    }
    const { http, server } = await connectHttpClient(answer)
    await http.post('/', { json: { a: 1 }, idempotencyKey: 'k-1' })
    expect(server.requests).toMatchObject([
      { headers: { 'idempotency-key': 'k-1' }, body: '{"a":1}' },
      { headers: { 'idempotency-key': 'k-1' }, body: '{"a":1}' },
    ])
  })

  it('repeats a POST that only reads', async () => {
    const { http, server } = await connectHttpClient((_request, response, count) =>
      answerJson(response, count === 1 ? 503 : 200, { ok: true }),
    )
    expect((await http.post('/graphql', { json: { query: '{ shop }' }, isRead: true })).json()).toEqual({ ok: true })
    expect(server.requests.map(({ body }) => body)).toEqual(Array(2).fill('{"query":"{ shop }"}'))
    expect(server.requests[0]?.headers['idempotency-key']).toBeUndefined()
  })

  it('waits out a short rate limit, but leaves a long or unnamed one to the caller', async () => {
    const limited =
      (header: Record<string, string>): Answer =>
      (_request, response, count) =>
        answerJson(response, count === 1 ? 429 : 200, {}, count === 1 ? header : {})
    const short = await connectHttpClient(limited({ 'retry-after': '10' }))
    await short.http.get('/')
    expect(short.waits).toEqual([10_000])
    for (const header of [{ 'retry-after': '11' }, {}]) {
      const long = await connectHttpClient(limited(header as Record<string, string>))
      await expect(long.http.get('/')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
      expect(long.waits).toEqual([])
      expect(long.server.requests).toHaveLength(1)
    }
  })

  it('honours the wait that a 503 asks for', async () => {
    const { http, waits } = await connectHttpClient((_request, response, count) =>
      answerJson(response, count === 1 ? 503 : 200, {}, { 'retry-after': '3' }),
    )
    await http.get('/')
    expect(waits).toEqual([3_000])
  })

  it('does not repeat what was refused', async () => {
    const { http, server } = await connectHttpClient((_request, response) => answerJson(response, 401, {}))
    await expect(http.get('/')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
    expect(server.requests).toHaveLength(1)
  })

  it('stops waiting when the request is aborted', async () => {
    const abort = new AbortController()
    const { http, server } = await connectHttpClient((_request, response) => {
      abort.abort()
      answerJson(response, 500, {})
    })
    await expect(http.get('/', { signal: abort.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(server.requests).toHaveLength(1)
  })

  it('repeats HEAD and OPTIONS, and no other method', async () => {
    for (const [method, count] of [
      ['HEAD', 3],
      ['options', 3],
      ['PROPPATCH', 1],
    ] as const) {
      const { http, server } = await connectHttpClient((_request, response) => answerJson(response, 500, {}))
      await expect(http.request(method, '/')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      expect(server.requests.map((request) => request.method)).toEqual(Array(count).fill(method.toUpperCase()))
    }
    const { http } = await connectHttpClient(ok)
    expect((await http.head('/')).bytes.byteLength).toBe(0)
  })

  it('sends the idempotency key under the name that the provider wants', async () => {
    const { http, server } = await connectHttpClient(ok, { idempotencyHeader: 'X-Request-Id' })
    await http.post('/', { idempotencyKey: 'k' })
    expect(server.requests[0]?.headers).toMatchObject({ 'x-request-id': 'k' })
    expect(server.requests[0]?.headers).not.toHaveProperty('idempotency-key')
  })

  it.each([
    ['x-reset', 'seconds', '7', 7_000],
    ['X-Reset', 'ms', '7000', 7_000],
    ['x-reset', 'date', 'Thu, 01 Jan 2026 00:00:07 GMT', 7_000],
    ['x-reset', 'date', '2026-01-01T00:00:07Z', 7_000],
    ['x-reset', 'epochSeconds', '1767225607', 7_000],
    ['x-reset', 'epochMs', '1767225607000', 7_000],
    ['x-reset', 'epochSeconds', '1', 0],
    ['x-reset', 'seconds', 'soon', undefined],
    ['x-reset', 'seconds', '', undefined],
    ['x-other', 'seconds', '7', undefined],
  ] as const)('takes the wait from %s as %s: %s is %s ms', async (resetHeader, unit, value, retryAfterMs) => {
    const { http } = await connectHttpClient(
      (_request, response) => {
        response.sendDate = false
        answerJson(response, 429, {}, { 'x-reset': value })
      },
      { retries: 0, rateLimitHeaders: { resetHeader, unit } },
    )
    await expect(http.get('/')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs })
  })

  it('believes Retry-After first, and the reset only when nothing is left', async () => {
    const rateLimitHeaders = { resetHeader: 'x-reset', unit: 'seconds', remainingHeader: 'X-Left' } as const
    const headers: Record<string, Record<string, string>> = {
      '/after': { 'retry-after': '3', 'x-reset': '7' },
      '/left': { 'x-reset': '7', 'x-left': '12' },
      '/none': { 'x-reset': '7', 'x-left': '0' },
    }
    const { http } = await connectHttpClient(
      (request, response) => answerJson(response, 429, {}, headers[request.url]),
      {
        retries: 0,
        rateLimitHeaders,
      },
    )
    await expect(http.get('/after')).rejects.toMatchObject({ retryAfterMs: 3_000 })
    await expect(http.get('/left')).rejects.toMatchObject({ retryAfterMs: undefined })
    await expect(http.get('/none')).rejects.toMatchObject({ retryAfterMs: 7_000 })
  })
})

describe('the deadline', () => {
  it('refuses a wait that would not end before it, and says how long it is', async () => {
    const { http, waits, server } = await connectHttpClient((_request, response) =>
      answerJson(response, 429, {}, { 'retry-after': '5' }),
    )
    await expect(http.get('/', { deadlineMs: 5_000 })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 5_000,
    })
    expect(waits).toEqual([])
    expect(server.requests).toHaveLength(1)
  })

  it('covers all attempts together', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const { context } = createProviderContext({ clock: () => new Date(now) })
    const deadlines: unknown[] = []
    const http = createHttpClient({
      context: {
        ...context,
        send: (request) => {
          deadlines.push(request.deadlineAt)
          now += 900
          return Promise.resolve({ status: 503, headers: {}, body: new Uint8Array() })
        },
        wait: async (ms) => {
          now += ms
        },
      },
      baseUrl: 'https://api.example',
      auth: bearer('t'),
      deadlineMs: 2_000,
      retries: 9,
    })
    await expect(http.get('/')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
    // 900 + 250 + 900 leave less than the next back-off of 500.
    expect(deadlines).toEqual([new Date('2026-01-01T00:00:02Z'), new Date('2026-01-01T00:00:02Z')])
  })

  it('cuts an attempt short', async () => {
    const { http } = await connectHttpClient(() => {}, { retries: 0 })
    await expect(http.get('/slow', { deadlineMs: 30 })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringContaining('30 ms'),
    })
  })
})

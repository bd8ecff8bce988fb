import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bearer, createHttpClient, type HttpClientOptions } from '../../../src/providers/kit/index.ts'
import { type LoopbackServer, type RecordedRequest, startLoopbackServer } from '../../support/loopback-server.ts'
import { createProviderContext } from '../../support/provider-context.ts'

const servers: LoopbackServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

type Answer = (request: RecordedRequest, response: ServerResponse, count: number) => void

async function connect(answer: Answer, more: Partial<HttpClientOptions> & { readonly path?: string } = {}) {
  let count = 0
  const server = await startLoopbackServer((request, response) => {
    count += 1
    answer(request, response, count)
  })
  servers.push(server)
  const { context, waits, sent } = createProviderContext()
  const http = createHttpClient({
    context,
    baseUrl: `${server.origin}${more.path ?? ''}`,
    auth: bearer('s3cret-token'),
    ...more,
  })
  return { http, server, waits, sent }
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

const ok: Answer = (_request, response) => json(response, 200, { ok: true })

describe('a request', () => {
  it('goes below the path of the base URL, with query, headers and proof of identity', async () => {
    const { http, server } = await connect(ok, { path: '/api/v3', headers: { 'X-Client': 'us' } })
    await http.get('/user', {
      query: { a: 1, b: undefined, c: null, d: ['x', 'y z'], e: false },
      headers: { 'X-More': 'm' },
    })
    expect(server.requests).toMatchObject([
      {
        method: 'GET',
        url: '/api/v3/user?a=1&d=x&d=y+z&e=false',
        headers: { authorization: 'Bearer s3cret-token', 'x-client': 'us', 'x-more': 'm', accept: 'application/json' },
      },
    ])
  })

  it('sends json, form and raw bodies with their types', async () => {
    const { http, server } = await connect(ok)
    await http.post('/a', { json: { x: 'ä' } })
    await http.put('/b', { form: { x: 'ä', y: ['1', '2'] } })
    await http.patch('/c', { body: '<x/>', headers: { 'content-type': 'text/xml' } })
    await http.delete('/d')
    expect(server.requests).toMatchObject([
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"x":"ä"}' },
      { method: 'PUT', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'x=%C3%A4&y=1&y=2' },
      { method: 'PATCH', headers: { 'content-type': 'text/xml' }, body: '<x/>' },
      { method: 'DELETE', body: '' },
    ])
    await expect(http.post('/e', { json: 1, body: '1' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('may name an absolute URL of the same origin, no other', async () => {
    const { http, server } = await connect(ok, { path: '/api' })
    await http.get(`${server.origin}/elsewhere?page=2`)
    expect(server.requests.map(({ url }) => url)).toEqual(['/elsewhere?page=2'])
    for (const path of ['https://evil.example/?token=x', `${server.origin.replace('http', 'https')}/`]) {
      await expect(http.get(path)).rejects.toMatchObject({
        code: 'EGRESS_REFUSED',
        message: expect.not.stringContaining('token'),
      })
    }
    // No spelling of a path leads out.
    for (const path of ['//evil.example/x', '\\\\evil.example\\x', '/\thttps://evil.example', 'evil:80/x']) {
      await http.get(path)
    }
    expect(server.requests).toHaveLength(5)
  })

  it.each([
    '/../../admin',
    '../../admin',
    '..',
    '/x/../../../admin',
    '/%2e%2e/%2E%2e/admin',
    '/.%2e/%2e./admin',
    '\\..\\..\\admin',
    '/x\\..\\../..\\..\\admin',
    '/x%2f..%2F..%2f../admin',
    '/%2e%2e%2f%2e%2e%2fadmin',
    '/x/..%5c..%5C..%5c..%5cadmin',
    '/.\t./.\n./admin',
    '//evil.example/../../../admin',
    'x////..%2f..%2f..%2fadmin',
    '/../v3',
    '/../v3x/admin',
  ])('with the path %j does not leave the path of the base URL', async (path) => {
    const { http, server } = await connect(ok, { path: '/api/v3' })
    await expect(http.delete(`${path}?token=x`)).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
      message: expect.stringMatching(/^A DELETE asks for \/(?!.*token).*\/api\/v3\/\./),
    })
    expect(server.requests).toEqual([])
  })

  it.each([
    ['', '/api/v3/'],
    ['/', '/api/v3/'],
    ['.', '/api/v3/'],
    ['/a/../b', '/api/v3/b'],
    ['/a/%2e%2e/b', '/api/v3/b'],
    ['//host/b', '/api/v3/host/b'],
    ['/projects/group%2fproject', '/api/v3/projects/group%2fproject'],
    ['/compare/a...b', '/api/v3/compare/a...b'],
    ['/100%', '/api/v3/100%'],
    ['/a?to=../../../b', '/api/v3/a?to=../../../b'],
    ['?page=2', '/api/v3/?page=2'],
    ['http:/admin', '/api/v3/http:/admin'],
    ['http:../../admin', '/api/v3/admin'],
  ])('with the path %j stays below the path of the base URL', async (path, url) => {
    const { http, server } = await connect(ok, { path: '/api/v3' })
    await http.get(path)
    expect(server.requests.map((request) => request.url)).toEqual([url])
  })

  it('keeps the path of the base URL as it is spelled', async () => {
    const { http, server } = await connect(ok, { path: '//a%2fb/c' })
    await http.get('/x%2fy')
    expect(server.requests.map(({ url }) => url)).toEqual(['//a%2fb/c/x%2fy'])
    await expect(http.get('/x%2f..%2f..%2fy')).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
  })

  it('refuses a base URL that is none', async () => {
    for (const baseUrl of ['', '/api', 'ftp://files.example', 'javascript:0']) {
      await expect(connect(ok, { baseUrl })).rejects.toMatchObject({ code: 'INVALID_SETTINGS' })
    }
  })

  it('drops user and password from the base URL', async () => {
    const { server, sent } = await connect(ok)
    const { context, sent: mine } = createProviderContext()
    const baseUrl = server.origin.replace('//', '//user:hunter2@')
    await createHttpClient({ context, baseUrl, auth: bearer('t') }).get('/x')
    expect([...sent, ...mine].map(({ url }) => url)).toEqual([`${server.origin}/x`])
  })
})

describe('an answer', () => {
  it('gives status, headers, bytes, text, JSON and checked values', async () => {
    const { http } = await connect((_request, response) => json(response, 201, { id: 7 }, { 'x-h': 'v' }))
    const answer = await http.get('/')
    expect(answer).toMatchObject({ status: 201, headers: { 'x-h': 'v' } })
    expect(answer.text()).toBe('{"id":7}')
    expect(answer.bytes.byteLength).toBe(8)
    expect(answer.json()).toEqual({ id: 7 })
    expect(answer.read(z.object({ id: z.number() })).id).toBe(7)
  })

  it('whose JSON was cut off is PROVIDER_UNAVAILABLE, and its text is not quoted', async () => {
    const { http } = await connect((_request, response) => response.end('{"secret":"hunter2'))
    const answer = await http.get('/cut')
    expect(() => answer.json()).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_UNAVAILABLE',
        message: expect.stringMatching(/^(?!.*hunter2).*GET \/cut answered 200/),
      }),
    )
  })

  it('that is not what the schema says is PROVIDER_FAILED and names the field', async () => {
    const { http } = await connect((_request, response) => json(response, 200, { items: [{ id: 'hunter2' }] }))
    const answer = await http.get('/items')
    expect(() => answer.read(z.object({ items: z.array(z.object({ id: z.int() })) }))).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_FAILED',
        message: expect.stringMatching(/^(?!.*hunter2).*GET \/items .*items\.0\.id/),
      }),
    )
  })
})

describe('a failed answer', () => {
  it.each([
    [400, 'PROVIDER_REJECTED'],
    [401, 'AUTHENTICATION_FAILED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'PROVIDER_REJECTED'],
    [408, 'PROVIDER_UNAVAILABLE'],
    [409, 'PROVIDER_REJECTED'],
    [422, 'PROVIDER_REJECTED'],
    [429, 'RATE_LIMITED'],
    [500, 'PROVIDER_UNAVAILABLE'],
    [503, 'PROVIDER_UNAVAILABLE'],
  ])('with status %i is %s', async (status, code) => {
    const { http } = await connect((_request, response) => json(response, status, { message: 'said so' }), {
      retries: 0,
    })
    await expect(http.get('/thing?token=hunter2', { query: { key: 'hunter3' } })).rejects.toMatchObject({
      code,
      status,
      message: `GET /thing answered ${status}: said so`,
    })
  })

  it.each([
    ['120', 120_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('tells how long to wait: Retry-After %s is %s ms', async (header, retryAfterMs) => {
    const { http } = await connect(
      (_request, response) => {
        response.sendDate = false
        json(response, 429, {}, { 'retry-after': header })
      },
      { retries: 0 },
    )
    await expect(http.get('/')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs })
  })

  it('counts a Retry-After date from the clock of the server, where it tells', async () => {
    const headers = { date: 'Thu, 01 Jan 2026 05:00:00 GMT', 'retry-after': 'Thu, 01 Jan 2026 05:01:00 GMT' }
    const { http } = await connect((_request, response) => json(response, 429, {}, headers), { retries: 0 })
    await expect(http.get('/')).rejects.toMatchObject({ retryAfterMs: 60_000 })
  })

  it('means what the provider says it means, a 200 included', async () => {
    const { http } = await connect(
      (request, response) => json(response, Number(request.url.slice(1)), { error: { message: 'bad token' } }),
      {
        retries: 0,
        errors: {
          404: 'authentication',
          418: () => ({ failure: 'rateLimited', retryAfterMs: 7 }),
          400: () => undefined,
          200: ({ text }) => (text.includes('bad token') ? 'authentication' : undefined),
        },
      },
    )
    await expect(http.get('/404')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED', status: 404 })
    await expect(http.get('/418')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7 })
    await expect(http.get('/400')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED' })
    await expect(http.get('/200')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED', status: 200 })
  })

  it('is told in one short line without query strings, secrets or HTML', async () => {
    const bodies = [
      JSON.stringify({
        message: `token s3cret-token is bad,\nsee https://x.example/y?code=hunter2 ${'x'.repeat(500)}`,
      }),
      '<html>hunter2</html>',
      JSON.stringify({ errors: [{ detail: 'first' }] }),
      '{"error":',
    ]
    const { http } = await connect((_request, response, count) => {
      response.writeHead(400)
      response.end(bodies[count - 1])
    })
    const messages: string[] = []
    for (const _ of bodies) {
      messages.push(await http.get('/x').then(String, (error: Error) => error.message))
    }
    expect(messages[0]).toMatch(/^GET \/x answered 400: token \[redacted\] is bad, see https:\/\/x\.example\/y x+…$/)
    expect(messages[0]?.length).toBeLessThan(230)
    expect(messages.slice(1)).toEqual(['GET /x answered 400.', 'GET /x answered 400: first', 'GET /x answered 400.'])
  })

  it('has no secret in any spelling', async () => {
    const token = 'p@ss/w\u00f6rd with "quotes"'
    const auth = { sign: () => ({}), secrets: [token] }
    const spellings = [
      token,
      encodeURIComponent(token),
      new URLSearchParams({ t: token }).toString().slice(2),
      JSON.stringify(token).slice(1, -1),
      Buffer.from(token).toString('hex'),
    ]
    const { http } = await connect(
      (_request, response, count) => json(response, 400, { message: `no <${spellings[count - 1]}>` }),
      { auth },
    )
    for (const _ of spellings) {
      await expect(http.get('/x')).rejects.toThrow('GET /x answered 400: no <[redacted]>')
    }
    const basic64 = Buffer.from(`user:${token}`).toString('base64')
    const { http: other } = await connect((_request, response) => json(response, 400, { message: basic64 }), { auth })
    // How the spelling begins and ends depends on its neighbours.
    await expect(other.get('/x')).rejects.toThrow(/: \S{1,8}\[redacted\]\S{0,3}$/)
  })
})

describe('trying again', () => {
  it('helps a GET over 500s, resets and truncated bodies, with growing waits, and numbers the attempts', async () => {
    const { http, waits, sent } = await connect((_request, response, count) => {
      if (count === 1) json(response, 500, {})
      else if (count === 2) response.socket?.resetAndDestroy()
      else json(response, 200, { ok: true })
    })
    expect((await http.get('/')).json()).toEqual({ ok: true })
    expect(waits).toEqual([250, 500])
    expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  })

  it('ends after two more attempts with the last error', async () => {
    const { http, server } = await connect((_request, response) => json(response, 503, { message: 'down' }))
    await expect(http.get('/')).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: 'GET / answered 503: down',
    })
    expect(server.requests).toHaveLength(3)
  })

  it('never repeats a write, unless it carries an idempotency key', async () => {
    const answer: Answer = (_request, response, count) => json(response, count === 1 ? 500 : 200, {})
    for (const method of ['post', 'put', 'patch', 'delete'] as const) {
      const { http, server } = await connect(answer)
      await expect(http[method]('/')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      expect(server.requests).toHaveLength(1)
    }
    const { http, server } = await connect(answer)
    await http.post('/', { json: { a: 1 }, idempotencyKey: 'k-1' })
    expect(server.requests).toMatchObject([
      { headers: { 'idempotency-key': 'k-1' }, body: '{"a":1}' },
      { headers: { 'idempotency-key': 'k-1' }, body: '{"a":1}' },
    ])
  })

  it('waits out a short rate limit, but leaves a long or unnamed one to the caller', async () => {
    const limited =
      (header: Record<string, string>): Answer =>
      (_request, response, count) =>
        json(response, count === 1 ? 429 : 200, {}, count === 1 ? header : {})
    const short = await connect(limited({ 'retry-after': '10' }))
    await short.http.get('/')
    expect(short.waits).toEqual([10_000])
    for (const header of [{ 'retry-after': '11' }, {}]) {
      const long = await connect(limited(header as Record<string, string>))
      await expect(long.http.get('/')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
      expect(long.waits).toEqual([])
      expect(long.server.requests).toHaveLength(1)
    }
  })

  it('honours the wait that a 503 asks for', async () => {
    const { http, waits } = await connect((_request, response, count) =>
      json(response, count === 1 ? 503 : 200, {}, { 'retry-after': '3' }),
    )
    await http.get('/')
    expect(waits).toEqual([3_000])
  })

  it('does not repeat what was refused', async () => {
    const { http, server } = await connect((_request, response) => json(response, 401, {}))
    await expect(http.get('/')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
    expect(server.requests).toHaveLength(1)
  })

  it('stops waiting when the request is aborted', async () => {
    const abort = new AbortController()
    const { http, server } = await connect((_request, response) => {
      abort.abort()
      json(response, 500, {})
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
      const { http, server } = await connect((_request, response) => json(response, 500, {}))
      await expect(http.request(method, '/')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      expect(server.requests.map((request) => request.method)).toEqual(Array(count).fill(method.toUpperCase()))
    }
    const { http } = await connect(ok)
    expect((await http.head('/')).bytes.byteLength).toBe(0)
  })

  it('sends the idempotency key under the name that the provider wants', async () => {
    const { http, server } = await connect(ok, { idempotencyHeader: 'X-Request-Id' })
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
    const { http } = await connect(
      (_request, response) => {
        response.sendDate = false
        json(response, 429, {}, { 'x-reset': value })
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
    const { http } = await connect((request, response) => json(response, 429, {}, headers[request.url]), {
      retries: 0,
      rateLimitHeaders,
    })
    await expect(http.get('/after')).rejects.toMatchObject({ retryAfterMs: 3_000 })
    await expect(http.get('/left')).rejects.toMatchObject({ retryAfterMs: undefined })
    await expect(http.get('/none')).rejects.toMatchObject({ retryAfterMs: 7_000 })
  })
})

describe('the deadline', () => {
  it('refuses a wait that would not end before it, and says how long it is', async () => {
    const { http, waits, server } = await connect((_request, response) =>
      json(response, 429, {}, { 'retry-after': '5' }),
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
    const { http } = await connect(() => {}, { retries: 0 })
    await expect(http.get('/slow', { deadlineMs: 30 })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringContaining('30 ms'),
    })
  })
})

describe('hooks', () => {
  it('see each attempt, without query, secrets, headers and bodies', async () => {
    const seen: unknown[] = []
    const hooks = {
      onRequest: (attempt: object) => seen.push(['request', attempt]),
      onResponse: (attempt: object) => seen.push(['response', attempt]),
      onError: ({ error, ...attempt }: { error: unknown }) =>
        seen.push(['error', attempt, (error as { code: string }).code]),
    }
    const { http, server } = await connect((_request, response, count) => json(response, count === 1 ? 503 : 200, {}), {
      hooks,
    })
    await http.get('/botS3cret/s3cret-token/x?key=hunter2')
    const url = `${server.origin}/botS3cret/[redacted]/x`
    expect(seen).toEqual([
      ['request', { method: 'GET', url, attempt: 1 }],
      ['error', { method: 'GET', url, attempt: 1, durationMs: 0 }, 'PROVIDER_UNAVAILABLE'],
      ['request', { method: 'GET', url, attempt: 2 }],
      ['response', { method: 'GET', url, attempt: 2, status: 200, durationMs: 0 }],
    ])
  })

  it('harm nothing, whether they throw, reject or never end', async () => {
    const hooks = {
      onRequest: () => {
        throw new Error('broken')
      },
      onResponse: () => Promise.reject(new Error('broken too')),
      onError: () => new Promise(() => {}),
    }
    const { http } = await connect((_request, response, count) => json(response, count === 1 ? 503 : 200, {}), {
      hooks,
    })
    expect((await http.get('/')).status).toBe(200)
  })
})

describe('a redirect', () => {
  function redirect(response: ServerResponse, status: number, location: string): void {
    response.writeHead(status, { location })
    response.end()
  }

  it('is followed within the origin, with the proof of identity, and the answer knows where it came from', async () => {
    const { http, server } = await connect((request, response) => {
      if (request.url === '/old') redirect(response, 301, '/new?x=1')
      else json(response, 200, {})
    })
    expect((await http.get('/old')).url).toBe(`${server.origin}/new?x=1`)
    expect(server.requests).toMatchObject([
      { url: '/old' },
      { url: '/new?x=1', headers: { authorization: 'Bearer s3cret-token' } },
    ])
  })

  it('to another origin is followed by reads, which leave behind all that proves who is asking', async () => {
    const elsewhere = await startLoopbackServer((request, response) => {
      if (request.url === '/denied') json(response, 401, { message: 'who are you?' })
      else if (request.url === '/back') redirect(response, 302, `${server.origin}/home`)
      else json(response, 200, {})
    })
    servers.push(elsewhere)
    const { http, server } = await connect(
      (request, response) => {
        if (request.url === '/home') json(response, 200, {})
        else redirect(response, 302, `${elsewhere.origin}${request.url}`)
      },
      { headers: { 'x-app-secret': 'hunter2', 'user-agent': 'us' } },
    )
    const answer = await http.get('/file', { headers: { cookie: 'a=b' } })
    expect(answer.url).toBe(`${elsewhere.origin}/file`)
    expect(elsewhere.requests[0]?.headers).toMatchObject({ 'user-agent': 'us', accept: 'application/json' })
    for (const name of ['authorization', 'x-app-secret', 'cookie']) {
      expect(elsewhere.requests[0]?.headers).not.toHaveProperty(name)
    }
    // It says nothing about the credentials: they were not sent.
    await expect(http.get('/denied')).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      status: 401,
      message: expect.stringMatching(/\/denied answered 401, asked without credentials .*: who are you\?$/),
    })
    await http.get('/back')
    expect(server.requests.at(-1)).toMatchObject({ url: '/home' })
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('authorization')
  })

  it('to another origin is refused for writes: nothing is sent there', async () => {
    const elsewhere = await startLoopbackServer((_request, response) => json(response, 200, {}))
    servers.push(elsewhere)
    const { http } = await connect((_request, response) =>
      redirect(response, 307, `${elsewhere.origin}/x?token=hunter2`),
    )
    await expect(http.post('/', { json: {} })).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
      message: expect.stringMatching(new RegExp(`^(?!.*hunter2).*${elsewhere.origin}`)),
    })
    expect(elsewhere.requests).toEqual([])
  })

  it('is followed five times, not more', async () => {
    const { http, server } = await connect((_request, response, count) => redirect(response, 302, `/${count}`))
    await expect(http.get('/')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED' })
    expect(server.requests).toHaveLength(6)
  })

  it('repeats a write with its body on 307 and 308, reads on 303, and never turns a write into something else', async () => {
    const { http, server } = await connect((request, response) => {
      const status = Number(request.url.slice(1))
      if (status === 0) json(response, 200, {})
      else redirect(response, status, '/0')
    })
    await http.post('/307', { json: { a: 1 } })
    await http.patch('/308', { json: { a: 2 } })
    await http.post('/303', { json: { a: 3 } })
    for (const status of [301, 302]) {
      await expect(http.post(`/${status}`, { json: {} })).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status })
    }
    const landed = server.requests.filter(({ url }) => url === '/0')
    expect(landed).toMatchObject([
      { method: 'POST', body: '{"a":1}' },
      { method: 'PATCH', body: '{"a":2}' },
      { method: 'GET', body: '' },
    ])
    expect(landed[2]?.headers).not.toHaveProperty('content-type')
  })
})

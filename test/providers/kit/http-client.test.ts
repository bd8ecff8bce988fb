import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createHttpClient } from '../../../src/providers/kit/http-client.ts'
import { bearer } from '../../../src/providers/kit/index.ts'
import { type Answer, answerJson, connectHttpClient } from '../../support/connect-http-client.ts'
import { createProviderContext } from '../../support/provider-context.ts'

const ok: Answer = (_request, response) => answerJson(response, 200, { ok: true })

describe('a request', () => {
  it('goes below the path of the base URL, with query, headers and proof of identity', async () => {
    const { http, server } = await connectHttpClient(ok, { path: '/api/v3', headers: { 'X-Client': 'us' } })
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
    const { http, server } = await connectHttpClient(ok)
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
    const { http, server } = await connectHttpClient(ok, { path: '/api' })
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
    '/..;/..;a=b/admin',
    '/x;%2f..%2f..%2fadmin',
    '/%2e%2e;/%2e%2e;x/admin',
  ])('with the path %j does not leave the path of the base URL', async (path) => {
    const { http, server } = await connectHttpClient(ok, { path: '/api/v3' })
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
    const { http, server } = await connectHttpClient(ok, { path: '/api/v3' })
    await http.get(path)
    expect(server.requests.map((request) => request.url)).toEqual([url])
  })

  it('keeps the path of the base URL as it is spelled', async () => {
    const { http, server } = await connectHttpClient(ok, { path: '//a%2fb/c' })
    await http.get('/x%2fy')
    expect(server.requests.map(({ url }) => url)).toEqual(['//a%2fb/c/x%2fy'])
    await expect(http.get('/x%2f..%2f..%2fy')).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
  })

  it('refuses a base URL that is none', async () => {
    for (const baseUrl of ['', '/api', 'ftp://files.example', 'javascript:0']) {
      await expect(connectHttpClient(ok, { baseUrl })).rejects.toMatchObject({ code: 'INVALID_SETTINGS' })
    }
  })

  it('drops user and password from the base URL', async () => {
    const { server, sent } = await connectHttpClient(ok)
    const { context, sent: mine } = createProviderContext()
    const baseUrl = server.origin.replace('//', '//user:hunter2@')
    await createHttpClient({ context, baseUrl, auth: bearer('t') }).get('/x')
    expect([...sent, ...mine].map(({ url }) => url)).toEqual([`${server.origin}/x`])
  })
})

describe('an answer', () => {
  it('gives status, headers, bytes, text, JSON and checked values', async () => {
    const { http } = await connectHttpClient((_request, response) =>
      answerJson(response, 201, { id: 7 }, { 'x-h': 'v' }),
    )
    const answer = await http.get('/')
    expect(answer).toMatchObject({ status: 201, headers: { 'x-h': 'v' } })
    expect(answer.text()).toBe('{"id":7}')
    expect(answer.bytes.byteLength).toBe(8)
    expect(answer.json()).toEqual({ id: 7 })
    expect(answer.read(z.object({ id: z.number() })).id).toBe(7)
  })

  it('whose JSON was cut off is PROVIDER_UNAVAILABLE, and its text is not quoted', async () => {
    const { http } = await connectHttpClient((_request, response) => response.end('{"secret":"hunter2'))
    const answer = await http.get('/cut')
    expect(() => answer.json()).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_UNAVAILABLE',
        message: expect.stringMatching(/^(?!.*hunter2).*GET \/cut answered 200/),
      }),
    )
  })

  it('that is not what the schema says is PROVIDER_FAILED and names the field', async () => {
    const { http } = await connectHttpClient((_request, response) =>
      answerJson(response, 200, { items: [{ id: 'hunter2' }] }),
    )
    const answer = await http.get('/items')
    expect(() => answer.read(z.object({ items: z.array(z.object({ id: z.int() })) }))).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_FAILED',
        message: expect.stringMatching(/^(?!.*hunter2).*GET \/items .*items\.0\.id/),
      }),
    )
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
    const { http, server } = await connectHttpClient(
      (_request, response, count) => answerJson(response, count === 1 ? 503 : 200, {}),
      {
        hooks,
      },
    )
    await http.get('/botS3cret/s3cret-token/x?key=hunter2')
    const url = `${server.origin}/botS3cret/[redacted]/x`
    expect(seen).toEqual([
      ['request', { method: 'GET', url, attempt: 1 }],
      ['error', { method: 'GET', url, attempt: 1, durationMs: 0 }, 'PROVIDER_UNAVAILABLE'],
      ['request', { method: 'GET', url, attempt: 2 }],
      ['response', { method: 'GET', url, attempt: 2, status: 200, durationMs: 0 }],
    ])
  })

  it('harm nothing, whether they throw, reject or never end; what they fail with is told', async () => {
    const hooks = {
      onRequest: () => {
        throw new Error('broken')
      },
      onResponse: () => Promise.reject(new Error('broken too')),
      onError: () => new Promise(() => {}),
    }
    const { http, reported } = await connectHttpClient(
      (_request, response, count) => answerJson(response, count === 1 ? 503 : 200, {}),
      {
        hooks,
      },
    )
    expect((await http.get('/')).status).toBe(200)
    // A rejection is told a moment later.
    await setImmediate()
    expect(reported).toEqual([
      { error: new Error('broken'), message: 'the hook onRequest of the HTTP client failed' },
      { error: new Error('broken'), message: 'the hook onRequest of the HTTP client failed' },
      { error: new Error('broken too'), message: 'the hook onResponse of the HTTP client failed' },
    ])
  })
})

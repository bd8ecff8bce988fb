import { createHmac } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttpClient } from '../../../src/providers/kit/http-client.ts'
import {
  type AuthStrategy,
  apiKey,
  basic,
  bearer,
  headers,
  nextLink,
  none,
  signer,
  token,
} from '../../../src/providers/kit/index.ts'
import { startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { createProviderContext } from '../../support/provider-context.ts'

async function connect(auth: AuthStrategy, answer = (_url: string, _count: number) => ({})) {
  let count = 0
  const server = await startFakeProvider((request, response) => {
    count += 1
    const {
      status = 200,
      headers = {},
      body = {},
    } = answer(request.url, count) as {
      status?: number
      headers?: Record<string, string>
      body?: unknown
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  })
  onTestFinished(server.close)
  const { context } = createProviderContext()
  return { server, http: createHttpClient({ context, baseUrl: `${server.origin}/api`, auth }) }
}

describe('a strategy', () => {
  it.each<[string, AuthStrategy, Record<string, string | undefined>]>([
    ['none', none(), { authorization: undefined }],
    ['bearer', bearer('t'), { authorization: 'Bearer t' }],
    ['basic', basic('Aladdin', 'öpen:sesame'), { authorization: 'Basic QWxhZGRpbjrDtnBlbjpzZXNhbWU=' }],
    ['token', token('t'), { authorization: 'Token t' }],
    ['token with a prefix', token('t', { prefix: 'DeepL-Auth-Key' }), { authorization: 'DeepL-Auth-Key t' }],
    ['token in a header', token('t', { header: 'X-Auth', prefix: '' }), { 'x-auth': 't', authorization: undefined }],
    ['api key', apiKey('k', { header: 'X-Api-Key' }), { 'x-api-key': 'k' }],
    ['several headers', headers({ 'X-App': 'a', 'X-Key': 'k' }), { 'x-app': 'a', 'x-key': 'k' }],
  ])('%s sends what it says', async (_name, auth, expected) => {
    const { http, server } = await connect(auth)
    await http.get('/')
    expect(server.requests).toHaveLength(1)
    for (const [name, value] of Object.entries(expected)) expect(server.requests[0]?.headers[name]).toBe(value)
  })

  it('wins over a header of the request', async () => {
    const { http, server } = await connect(bearer('t'))
    await http.get('/', { headers: { Authorization: 'Bearer mine' } })
    expect(server.requests[0]?.headers.authorization).toBe('Bearer t')
  })

  it.each([
    () => bearer('hunter2\n'),
    () => token('hünter2'),
    () => apiKey('hunter2\u0000', { header: 'x' }),
    () => headers({ fine: 'x', x: 'hunter2\r' }),
  ])('refuses what no header can carry, without quoting it', (make) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_CREDENTIALS', message: expect.not.stringMatching(/h[uü]nter2/) }),
    )
  })
})

describe('a key in the query', () => {
  const auth = apiKey('s3cret key', { query: 'api_key' })

  it('goes with every request and replaces one that is there', async () => {
    const { http, server } = await connect(auth)
    await http.get('/a', { query: { page: 2, api_key: 'other' } })
    await http.post('/b', { json: {} })
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/a?page=2&api_key=s3cret+key',
      '/api/b?api_key=s3cret+key',
    ])
  })

  it('is neither in errors nor in the address of the answer nor in links, and stays one through redirects', async () => {
    const link = '</api/a?page=2&api_key=s3cret%20key>; rel="next"'
    const { http, server } = await connect(auth, (url) => {
      if (url.startsWith('/api/old')) return { status: 302, headers: { location: `/api/new?${url.split('?')[1]}&x=1` } }
      if (url.startsWith('/api/bad')) return { status: 400, body: { message: `bad ${url}` } }
      return { headers: { link } }
    })
    const answer = await http.get('/old')
    expect(server.requests.at(-1)?.url).toBe('/api/new?x=1&api_key=s3cret+key')
    expect(answer.url).toBe(`${server.origin}/api/new?x=1`)
    expect(nextLink(answer)).toBe(`${server.origin}/api/a?page=2`)
    const error = await http.get('/bad').catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', message: expect.not.stringMatching(/s3cret/) })
  })
})

describe('a signer', () => {
  it('sees what is sent, and signs each attempt anew', async () => {
    const seen: object[] = []
    const auth = signer(
      async ({ method, url, body, headers, at, signal }) => {
        seen.push({ method, url, body, type: headers['content-type'], at, signal })
        const signature = createHmac('sha256', 'key').update(`${method} ${url} ${body}`).digest('hex')
        return { headers: { 'X-Signature': `${seen.length}:${signature}` } }
      },
      { secrets: ['key'] },
    )
    const { http, server } = await connect(auth, (_url, count) => ({ status: count === 1 ? 500 : 200 }))
    const { signal } = new AbortController()
    await http.post('/a', { query: { q: 1 }, json: { x: 1 }, idempotencyKey: 'i', signal })
    const url = `${server.origin}/api/a?q=1`
    const at = new Date('2026-01-01T00:00:00Z')
    const call = { method: 'POST', url, body: '{"x":1}', type: 'application/json', at, signal }
    expect(seen).toEqual([call, call])
    const signature = createHmac('sha256', 'key').update(`POST ${url} {"x":1}`).digest('hex')
    expect(server.requests.map(({ headers }) => headers['x-signature'])).toEqual([`1:${signature}`, `2:${signature}`])
  })

  it('may put its signature into query and body', async () => {
    const auth = signer(({ body }) => ({ query: { sig: 'abc' }, body: `${body}&sig=abc` }), { secrets: [] })
    const { http, server } = await connect(auth)
    const answer = await http.post('/a', { form: { x: 1 } })
    expect(server.requests).toMatchObject([{ url: '/api/a?sig=abc', body: 'x=1&sig=abc' }])
    expect(answer.url).toBe(`${server.origin}/api/a`)
  })

  it('ends the request when it throws', async () => {
    const auth = signer(() => Promise.reject(new TypeError('no key')), { secrets: [] })
    const { http, server } = await connect(auth)
    await expect(http.get('/')).rejects.toThrow('no key')
    expect(server.requests).toEqual([])
  })
})

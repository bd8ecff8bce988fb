import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpTransport } from '../../../src/adapters/node/http-transport.ts'
import type { HttpRequest } from '../../../src/core/ports/http-transport.ts'
import { type FakeProvider, type FakeRequest, startFakeProvider } from '../../../src/testing/fake-provider.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(answer: (request: FakeRequest, response: ServerResponse) => void): Promise<FakeProvider> {
  const server = await startFakeProvider(answer)
  closers.push(server.close)
  return server
}

/** A server that answers every connection with these bytes and then ends it, as no http module would. */
async function serveBytes(bytes: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => server.close(() => resolve())))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

const { send } = createHttpTransport({ allowPrivateNetwork: true, maxResponseBytes: 1_000 })

function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, body: null, timeoutMs: 5_000, signal: null, ...more }
}

const text = (body: Uint8Array) => new TextDecoder().decode(body)

describe('the transport', () => {
  it('sends method, path, query, headers and body, and reads the answer', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(201, { 'content-type': 'text/plain', 'x-many': ['a', 'b'] })
      response.end('made')
    })
    const answer = await send(
      get(`${server.origin}/a%20b?x=1&y=%C3%A4`, { method: 'POST', headers: { 'x-a': '1' }, body: 'grüße' }),
    )
    expect(answer).toMatchObject({ status: 201, headers: { 'content-type': 'text/plain', 'x-many': 'a, b' } })
    expect(text(answer.body)).toBe('made')
    expect(server.requests).toMatchObject([
      { method: 'POST', url: '/a%20b?x=1&y=%C3%A4', headers: { 'x-a': '1' }, body: 'grüße' },
    ])
  })

  it('hands redirects on instead of following them', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: '/elsewhere' })
      response.end()
    })
    expect(await send(get(`${server.origin}/`))).toMatchObject({ status: 302, headers: { location: '/elsewhere' } })
    expect(server.requests).toHaveLength(1)
  })

  it('unpacks compressed bodies and no longer claims their length', async () => {
    const server = await serve((_request, response) => {
      const packed = gzipSync('{"a":1}')
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length })
      response.end(packed)
    })
    const answer = await send(get(server.origin))
    expect(text(answer.body)).toBe('{"a":1}')
    expect(answer.headers).not.toHaveProperty('content-encoding')
    expect(answer.headers).not.toHaveProperty('content-length')
  })

  it('does not take the length that a HEAD answer tells for its own', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 99 })
      response.end()
    })
    expect(await send(get(server.origin, { method: 'HEAD' }))).toMatchObject({ status: 200 })
  })
})

describe('a failing exchange is PROVIDER_UNAVAILABLE', () => {
  it('when nobody listens', async () => {
    const server = await startFakeProvider(() => {})
    await server.close()
    await expect(send(get(server.origin))).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('when the name does not exist', async () => {
    await expect(send(get('http://does-not-exist.invalid/'))).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })

  it('when the connection is reset', async () => {
    const server = await serve((_request, response) => {
      response.socket?.resetAndDestroy()
    })
    await expect(send(get(server.origin))).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true })
  })

  it('when no answer comes within the time allowed', async () => {
    const server = await serve(() => {})
    await expect(send(get(`${server.origin}/slow`, { timeoutMs: 40 }))).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringMatching(/GET http:\/\/127.0.0.1:\d+\/slow: no complete answer within 40 ms/),
    })
  })

  it('when the body does not end within the time allowed', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200)
      response.write('half')
    })
    await expect(send(get(server.origin, { timeoutMs: 40 }))).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })

  it('when the body is shorter than its announced length', async () => {
    const origin = await serveBytes('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{"half":')
    await expect(send(get(origin))).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true })
  })

  it('when the last chunk of a chunked body is missing', async () => {
    const origin = await serveBytes('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{"half":\r\n')
    await expect(send(get(origin))).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true })
  })

  it('when a compressed body was cut off', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(gzipSync('a long enough text').subarray(0, 20))
    })
    await expect(send(get(server.origin))).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true })
  })

  it('when the answer is no HTTP', async () => {
    const origin = await serveBytes('SSH-2.0-OpenSSH_9.2\r\n')
    await expect(send(get(origin))).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })

  it('for good when the body is larger than allowed, packed or not', async () => {
    const server = await serve((request, response) => {
      const body = Buffer.alloc(5_000, 97)
      response.writeHead(200, request.url === '/gzip' ? { 'content-encoding': 'gzip' } : {})
      response.end(request.url === '/gzip' ? gzipSync(body) : body)
    })
    const tooLarge = { code: 'PROVIDER_UNAVAILABLE', retryable: false, message: expect.stringContaining('1000 bytes') }
    await expect(send(get(`${server.origin}/plain`))).rejects.toMatchObject(tooLarge)
    await expect(send(get(`${server.origin}/gzip`))).rejects.toMatchObject(tooLarge)
  })
})

describe('a body without an announced length', () => {
  it('ends where the server closes, cut off or not', async () => {
    const origin = await serveBytes('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"half":')
    expect(text((await send(get(origin))).body)).toBe('{"half":')
  })
})

describe('aborting', () => {
  it('ends the exchange with ABORTED, before, while waiting and while reading', async () => {
    const before = AbortSignal.abort()
    const waiting = new AbortController()
    const reading = new AbortController()
    const server = await serve((request, response) => {
      if (request.url === '/waiting') waiting.abort()
      else {
        response.writeHead(200)
        response.write('half', () => reading.abort())
      }
    })
    await expect(send(get(`${server.origin}/before`, { signal: before }))).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(send(get(`${server.origin}/waiting`, { signal: waiting.signal }))).rejects.toMatchObject({
      code: 'ABORTED',
    })
    await expect(send(get(`${server.origin}/reading`, { signal: reading.signal }))).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(server.requests.map(({ url }) => url)).toEqual(['/waiting', '/reading'])
  })
})

describe('what must not be talked to', () => {
  const { send: guarded } = createHttpTransport()

  it('is refused without a connection: http, private literals, names of private addresses, other schemes', async () => {
    let connections = 0
    const server = createServer(() => {
      connections += 1
    })
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    closers.push(() => new Promise((resolve) => server.close(() => resolve())))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    for (const url of [
      `http://localhost:${port}/`,
      `https://127.0.0.1:${port}/`,
      `https://[::1]:${port}/`,
      // A name passes the check before connecting: only the lookup sees where it leads.
      `https://localhost:${port}/`,
      'ftp://localhost/',
      'no url at all',
    ]) {
      await expect(guarded(get(url)), url).rejects.toMatchObject({ code: 'EGRESS_REFUSED', retryable: false })
    }
    expect(connections).toBe(0)
  })
})

describe('messages', () => {
  it('hold neither query strings nor credentials', async () => {
    const server = await startFakeProvider(() => {})
    await server.close()
    const url = `${server.origin.replace('//', '//user:hunter2@')}/path?token=hunter3`
    const errors = [
      await send(get(url)).catch((error: unknown) => error),
      await send(get(url, { headers: { authorization: 'hunter4\r\nx: y' } })).catch((error: unknown) => error),
      await send(get(url, { signal: AbortSignal.abort() })).catch((error: unknown) => error),
      await createHttpTransport()
        .send(get(url))
        .catch((error: unknown) => error),
    ]
    for (const error of errors) {
      expect(error).toHaveProperty('code', expect.stringMatching(/PROVIDER_UNAVAILABLE|ABORTED|EGRESS_REFUSED/))
      for (let at: unknown = error; at instanceof Error; at = at.cause) expect(at.message).not.toMatch(/hunter/)
    }
  })
})

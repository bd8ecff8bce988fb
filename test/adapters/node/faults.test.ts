import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createHttpTransport } from '../../../src/adapters/node/http-transport.ts'
import { createHttpClient } from '../../../src/providers/kit/http-client.ts'
import { bearer } from '../../../src/providers/kit/index.ts'
import { type FaultServer, faults, startFaultServer } from '../../support/fault-server.ts'

let server: FaultServer
beforeAll(async () => {
  server = await startFaultServer()
})
afterAll(() => server.close())

function connect() {
  const { send } = createHttpTransport({ allowPrivateNetwork: ['127.0.0.1'], maxResponseBytes: 1_000_000 })
  const waits: number[] = []
  const http = createHttpClient({
    context: {
      send: ({ attempt: _attempt, deadlineAt: _deadline, ...request }) =>
        send({ timeoutMs: 10_000, ...request, signal: request.signal ?? null }),
      now: () => new Date('2026-01-01T00:00:00Z'),
      wait: async (ms) => void waits.push(ms),
      redact: (text) => text,
      fraction: () => 0.5,
      report: () => {},
    },
    baseUrl: server.origin,
    auth: bearer('s3cret-token'),
  })
  return { http, waits }
}

const unavailable = { code: 'PROVIDER_UNAVAILABLE', retryable: true }
const forGood = { code: 'PROVIDER_UNAVAILABLE', retryable: false }

const failing: Readonly<Record<string, readonly [error: object, requests: number]>> = {
  '/reset-before': [unavailable, 3],
  '/reset-within-head': [unavailable, 3],
  '/reset-within-body': [unavailable, 3],
  '/close-before': [unavailable, 3],
  '/hang': [unavailable, 3],
  '/hang-within-body': [unavailable, 3],
  '/drip': [unavailable, 3],
  '/short': [unavailable, 3],
  '/short-chunked': [unavailable, 3],
  '/429-long': [{ code: 'RATE_LIMITED', retryAfterMs: 3_600_000 }, 1],
  '/loop': [{ code: 'PROVIDER_REJECTED', status: 302 }, 6],
  '/to-loopback': [{ code: 'EGRESS_REFUSED' }, 1],
  '/to-metadata': [{ code: 'EGRESS_REFUSED' }, 1],
  '/bomb': [forGood, 1],
  '/bomb-in-bomb': [forGood, 1],
  '/deep-bomb': [forGood, 1],
  '/packed-thrice': [forGood, 1],
  '/packed-strangely': [forGood, 1],
  '/damaged-gzip': [unavailable, 3],
  '/not-http': [unavailable, 3],
  '/bad-length': [unavailable, 3],
  '/endless-head': [unavailable, 3],
}
const succeeding: Readonly<Record<string, readonly number[]>> = {
  '/500-then-200': [250],
  '/reset-then-200': [250],
  '/429-seconds': [2_000],
  '/429-date': [2_000],
}

describe('a provider that misbehaves', () => {
  it('does so in ways that all are tested', () => {
    const tested = [...Object.keys(failing), ...Object.keys(succeeding), '/short-unannounced', '/packed-twice']
    expect(tested.sort()).toEqual(Object.keys(faults).sort())
  })

  it.each(Object.entries(failing))('with %s ends in the right error', async (path, [error, requests]) => {
    const { http } = connect()
    // Only what never ends needs a limit of its own.
    const timeoutMs = /hang|drip/.test(path) ? 60 : 10_000
    await expect(http.get(path, { timeoutMs })).rejects.toMatchObject(error)
    expect(server.count(path)).toBe(requests)
  })

  it.each(Object.entries(succeeding))('with %s is asked again and answers', async (path, waits) => {
    const { http, waits: waited } = connect()
    expect((await http.get(path)).json()).toEqual({ ok: true })
    expect({ waited, requests: server.count(path) }).toEqual({ waited: waits, requests: 2 })
  })

  it('and packs twice is understood', async () => {
    expect((await connect().http.get('/packed-twice')).json()).toEqual({ ok: true })
  })

  it('and cuts off a body of unknown length is noticed when that is read', async () => {
    const answer = await connect().http.get('/short-unannounced')
    expect(() => answer.json()).toThrow(expect.objectContaining(unavailable))
  })

  it('keeps no connection of a failed exchange open', async () => {
    const other = await startFaultServer()
    try {
      const { send } = createHttpTransport({ allowPrivateNetwork: true, maxResponseBytes: 1_000 })
      for (const path of ['/hang', '/hang-within-body', '/drip', '/bomb', '/short']) {
        const request = { method: 'GET', url: `${other.origin}${path}`, headers: {}, body: null, signal: null }
        await expect(send({ ...request, timeoutMs: 60 })).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
        await other.idle()
      }
    } finally {
      await other.close()
    }
  })
})

describe('a name whose address changes', () => {
  it('is looked up once per connection: what was checked is what is connected to', async () => {
    // TLS with a server that hangs up when it is spoken to.
    const plain = createServer((socket) => socket.once('data', () => socket.destroy()))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void plain.close())
    // A server that listens on a port has an address of this form.
    const { port } = plain.address() as AddressInfo
    const answers = ['127.0.0.1', '127.0.0.2']
    const asked: string[] = []
    const { send } = createHttpTransport({
      allowPrivateNetwork: ['127.0.0.1'],
      resolve: (hostname, _options, callback) => {
        asked.push(hostname)
        callback(null, [{ address: answers[asked.length - 1] ?? '127.0.0.2', family: 4 }])
      },
    })
    const request = { method: 'GET', headers: {}, body: null, timeoutMs: 10_000, signal: null }
    // It was connected to, and nothing was looked up again.
    await expect(send({ ...request, url: `https://rebind.example:${port}/` })).rejects.toMatchObject(unavailable)
    expect(asked).toEqual(['rebind.example'])
    await expect(send({ ...request, url: `https://rebind.example:${port}/` })).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
    })
    expect(asked).toHaveLength(2)
  })
})

import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { RateLimitStore } from '../../src/core/ports/rate-limit-store.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { startShopServer } from '../support/shop-server.ts'
import { testKey } from '../support/shop-world.ts'

const limited = (rateLimit?: { readonly requestsPerSecond: number; readonly burst?: number }) =>
  defineProvider({
    family: 'shop',
    name: 'limited',
    label: 'Limited shop',
    allowMultiple: true,
    credentials: z.object({ token: z.string() }),
    settings: z.object({ url: z.url() }),
    ...(rateLimit !== undefined && { rateLimit }),
    http: { baseUrl: ({ url }) => url, auth: ({ token }) => bearer(token), retries: 2 },
    adapter: ({ http }) => ({
      async call(name: string, signal?: AbortSignal) {
        return (await http.get('/me', { query: { name }, ...(signal !== undefined && { signal }) })).json()
      },
      async write(name: string) {
        return (await http.post('/me', { query: { name } })).json()
      },
    }),
    test: (adapter) => adapter.call('test'),
  })

interface Choices {
  readonly rateLimit?: { readonly requestsPerSecond: number; readonly burst?: number }
  readonly maxWaitMs?: number
  readonly store?: RateLimitStore
}

/** A limited provider with `connect`, and the requests that were sent: each with the milliseconds since the beginning. */
async function world({ rateLimit, maxWaitMs = 60_000, store }: Choices) {
  const provider = limited(rateLimit)
  const server = await startShopServer()
  const clock = createFakeClock()
  const beginning = clock.now().getTime()
  const logLines: string[] = []
  const log = (_: object, message: string) => void logLines.push(message)
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [provider],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    rateLimit: { maxWaitMs },
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
    ...(store !== undefined && { rateLimitStore: store }),
  })
  onTestFinished(async () => {
    await connectors.close({ timeoutMs: 1 })
    await server.close()
  })
  const acme = connectors.forTenant('acme')
  const sent = async () => {
    const rows = await acme.executions.list().all()
    return rows
      .filter(({ action }) => action !== 'test')
      .reverse()
      .map(({ url, createdAt }) => [new URL(url).searchParams.get('name'), createdAt.getTime() - beginning] as const)
  }
  return {
    ...{ clock, server, connectors, acme, logLines, provider, sent },
    /** A connection whose bucket is full: connected by a test, whose token has come back. */
    connect: async () => {
      const { id } = await acme.connections.create(provider, {
        credentials: { token: 'token-of-acme' },
        settings: { url: server.url },
      })
      await acme.connections.test(id)
      return { id, adapter: await acme.connections.adapter(id, provider) }
    },
  }
}

/** Lets sockets and promises do what they can without the clock. */
const settle = async (isSettled: () => boolean) => {
  await expect.poll(isSettled, { interval: 2, timeout: 10_000 }).toBe(true)
}

test('of 100 concurrent calls at 20 a second and a burst of 20, 20 go at once and then one every 50 ms, in order', async () => {
  const { clock, server, connect, sent } = await world({ rateLimit: { requestsPerSecond: 20, burst: 20 } })
  const { adapter } = await connect()
  await clock.advance(50)
  const names = Array.from({ length: 100 }, (_, n) => `call ${n}`)
  const calls = Promise.all(names.map((name) => adapter.call(name)))
  await settle(() => server.requests.length === 1 + 20)
  await clock.advance(4_000)
  await calls
  expect((await sent()).sort(([, a], [, b]) => a - b).map(([, at]) => at - 50)).toEqual([
    ...Array.from({ length: 20 }, () => 0),
    ...Array.from({ length: 80 }, (_, n) => (n + 1) * 50),
  ])
  const byTurn = new Map(await sent())
  for (const [n, name] of names.entries()) expect(byTurn.get(name)).toBe(50 + Math.max(0, n - 19) * 50)
})

test('the adapters of one connection share its bucket, also after the credentials changed; another connection has its own', async () => {
  const { clock, server, acme, connect, provider, sent } = await world({
    rateLimit: { requestsPerSecond: 1, burst: 1 },
  })
  const one = await connect()
  const other = await connect()
  await clock.advance(1_000)
  await one.adapter.call('first')
  await acme.connections.rotateCredentials(one.id, { token: 'token-of-globex' })
  await acme.connections.updateSettings(one.id, { url: server.url.replace('127.0.0.1', 'localhost') })
  const again = await acme.connections.adapter(one.id, provider)
  const calls = Promise.all([again.call('after the rotation'), one.adapter.call('on the old adapter')])
  await other.adapter.call('of the other connection')
  await settle(() => clock.pending() > 1)
  await clock.advance(2_000)
  await calls
  expect(Object.fromEntries(await sent())).toEqual({
    first: 1_000,
    'of the other connection': 1_000,
    'after the rotation': 2_000,
    'on the old adapter': 3_000,
  })
})

test('a call that is aborted in the queue is not sent, and those behind it move up', async () => {
  const { clock, connect, sent } = await world({ rateLimit: { requestsPerSecond: 1, burst: 1 } })
  const { adapter } = await connect()
  await clock.advance(1_000)
  const [head, middle] = [new AbortController(), new AbortController()]
  await adapter.call('a')
  const outcomes = Promise.allSettled([
    adapter.call('head', head.signal),
    adapter.call('b'),
    adapter.call('middle', middle.signal),
    adapter.call('c'),
  ])
  await settle(() => clock.pending() > 1)
  middle.abort()
  await clock.advance(500)
  head.abort()
  await clock.advance(10_000)
  expect((await outcomes).map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'sent'))).toEqual([
    'ABORTED',
    'sent',
    'ABORTED',
    'sent',
  ])
  expect(await sent()).toEqual([
    ['a', 1_000],
    ['b', 2_000],
    ['c', 3_000],
  ])
})

test('when the last of a queue is aborted no timer stays behind', async () => {
  const { clock, connect, acme } = await world({ rateLimit: { requestsPerSecond: 0.1, burst: 1 } })
  const { adapter } = await connect()
  const stop = new AbortController()
  const call = adapter.call('never', stop.signal).catch((error: { code: string }) => error.code)
  await settle(() => clock.pending() > 1)
  stop.abort()
  expect(await call).toBe('ABORTED')
  await acme.executions.list().all()
  expect(clock.pending()).toBe(0)
})

test('a call whose turn would come too late is refused at once, saying when it would, and those behind it move up', async () => {
  const { clock, connect, sent } = await world({ rateLimit: { requestsPerSecond: 1, burst: 1 }, maxWaitMs: 2_000 })
  const { adapter } = await connect()
  await clock.advance(1_000)
  const outcomes = Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => adapter.write(name)))
  await settle(() => clock.pending() > 1)
  await clock.advance(1_500)
  const later = adapter.write('later')
  await clock.advance(2_000)
  await later
  const results = await outcomes
  expect(results.map(({ status }) => status)).toEqual(
    [...'fff', ...'rr'].map((c) => (c === 'f' ? 'fulfilled' : 'rejected')),
  )
  expect(results.at(3)).toMatchObject({
    reason: { name: 'RateLimitError', code: 'RATE_LIMITED', retryable: true, retryAfterMs: 3_000, status: undefined },
  })
  expect(await sent()).toEqual([
    ['a', 1_000],
    ['b', 2_000],
    ['c', 3_000],
    ['later', 4_000],
  ])
})

test('every attempt takes a turn, and the time limit of an attempt begins when it has come', async () => {
  const { clock, server, connect, acme } = await world({ rateLimit: { requestsPerSecond: 0.1, burst: 1 } })
  const { adapter } = await connect()
  await clock.advance(10_000)
  let failures = 2
  server.intercept = (_request, response) => {
    if (failures === 0) return false
    failures -= 1
    response.writeHead(503).end()
    return true
  }
  const call = adapter.call('repeated')
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    // The row waits to be written, and the client to try again.
    await settle(() => clock.pending() === 2)
    // Its jitter is a fraction of a millisecond.
    await clock.advance(10_001)
  }
  await call
  const rows = (await acme.executions.list().all()).filter(({ action }) => action === 'call').reverse()
  const [first] = rows
  expect(
    rows.map(({ attempt, durationMs, createdAt }) => [
      attempt,
      durationMs,
      createdAt.getTime() - Number(first?.createdAt),
    ]),
  ).toEqual([
    [1, expect.any(Number), 0],
    [2, expect.any(Number), 10_000],
    [3, expect.any(Number), 20_000],
  ])
  for (const { durationMs } of rows) expect(durationMs).toBeLessThan(10_000)
})

test('a provider without a limit waits for nothing', async () => {
  const { connect, sent } = await world({})
  const { adapter } = await connect()
  await Promise.all(Array.from({ length: 50 }, (_, n) => adapter.call(`call ${n}`)))
  expect((await sent()).filter(([, at]) => at === 0)).toHaveLength(50)
})

test('a shared store decides, by connection', async () => {
  const asked: unknown[] = []
  const store: RateLimitStore = {
    take: async (key, { at: _, ...limit }) => {
      asked.push([key, limit])
      return asked.length === 2 ? 700 : 0
    },
  }
  const { clock, connect, sent } = await world({ rateLimit: { requestsPerSecond: 5 }, store })
  const { id, adapter } = await connect()
  const call = adapter.call('a')
  await settle(() => asked.length === 2)
  await settle(() => clock.pending() > 1)
  await clock.advance(700)
  await call
  expect(await sent()).toEqual([['a', 700]])
  expect(asked).toEqual(Array.from({ length: 3 }, () => [id, { requestsPerSecond: 5, burst: 5 }]))
})

test.each([
  ['rejects', () => Promise.reject(new Error('away'))],
  [
    'throws',
    () => {
      throw new Error('away')
    },
  ],
  ['answers nonsense', async () => Number.NaN],
  ['falls silent', () => new Promise<number>(() => {})],
] as const)(
  'while a shared store %s the process keeps the limit by itself, warns once, and asks again later',
  async (_, fail) => {
    let isAway = true
    let asked = 0
    const store: RateLimitStore = {
      take: () => {
        asked += 1
        return isAway ? fail() : Promise.resolve(0)
      },
    }
    const { clock, server, connect, sent, logLines } = await world({
      rateLimit: { requestsPerSecond: 1, burst: 1 },
      store,
    })
    const connecting = connect()
    await settle(() => asked === 1)
    await clock.advance(1_000)
    const { adapter } = await connecting
    await clock.advance(1_000)
    const calls = Promise.all([adapter.call('a'), adapter.call('b')])
    await settle(() => server.requests.length === 2)
    await clock.advance(1_000)
    await calls
    const [first, second] = (await sent()).map(([, at]) => at)
    expect(Number(second) - Number(first)).toBe(1_000)
    expect(asked).toBe(1)
    isAway = false
    await clock.advance(10_000)
    await Promise.all([adapter.call('c'), adapter.call('d')])
    expect(asked).toBe(3)
    expect(logLines.filter((line) => line.includes('shared rate limit store'))).toEqual([
      expect.stringContaining('failed'),
      expect.stringContaining('answers again'),
    ])
  },
)

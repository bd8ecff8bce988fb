import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { eventNames } from '../../src/core/domain/events.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { apiKey, basic, bearer, defineProvider, field, headers, signer, token } from '../../src/providers/kit/index.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { canBeRead, encodings } from '../support/secret-spellings.ts'
import { testKey } from '../support/shop-world.ts'

const strategies = ['bearer', 'token', 'basic', 'header', 'query', 'several', 'signer'] as const
const places = ['path', 'query', 'name', 'header', 'json', 'text in json', 'form', 'text'] as const
const answers = ['json', 'deep json', 'html', 'text', 'headers', 'reason', 'redirect', 'cut off', 'reset'] as const
const ends = ['answer', 'throw', 'throw text', 'throw a cause', 'throw what was asked', 'read'] as const
const statuses = [200, 400, 401, 403, 404, 422, 429, 500, 503] as const

/** What is sent where, what comes back, and what the provider's code makes of it. */
interface Scenario {
  readonly place: (typeof places)[number]
  readonly answer: (typeof answers)[number]
  readonly status: (typeof statuses)[number]
  readonly end: (typeof ends)[number]
  /** The secrets that are sent and answered, as somebody spelled them. */
  readonly sent: string
  readonly answered: string
  readonly isBroken: boolean
  /** Stands before what is answered, so that messages and bodies are cut anywhere. */
  readonly padding: string
}

let scenario: Scenario | undefined
function current(): Scenario {
  if (scenario === undefined) throw new Error('nobody should ask by now')
  return scenario
}

/** A provider whose code leaks on purpose, as the scenario says. */
const leaky = defineProvider({
  family: 'shop',
  name: 'leaky',
  label: 'Leaky',
  allowMultiple: true,
  credentials: z.object({ user: field(z.string(), { secret: false }), key: z.string() }),
  settings: z.object({
    url: z.url(),
    strategy: z.enum(strategies),
    pin: field(z.string(), { secret: true }),
  }),
  http: {
    baseUrl: ({ url }) => url,
    auth: ({ user, key }, { strategy, pin }) => {
      switch (strategy) {
        case 'bearer':
          return bearer(key)
        case 'token':
          return token(key, { prefix: 'Key' })
        case 'basic':
          return basic(user, key)
        case 'header':
          return apiKey(key, { header: 'x-account' })
        case 'query':
          return apiKey(key, { query: 'account' })
        case 'several':
          return headers({ 'x-one': key, 'x-two': pin })
        case 'signer':
          return signer(() => ({ headers: { 'x-signed': `${user} ${key}` }, query: { p: pin } }), {
            secrets: [key, pin],
          })
      }
    },
    retries: 0,
    hooks: {
      onRequest: ({ url }) => {
        throw new Error(`watching ${url}`)
      },
      onError: ({ error }) => Promise.reject(error),
    },
  },
  adapter: ({ http }) => {
    const ask = async () => {
      const { place, sent } = current()
      const note = `before ${sent} after`
      switch (place) {
        case 'path':
          return http.get(`/a/${encodeURIComponent(sent)}/b`)
        case 'query':
          return http.get('/a', { query: { q: note } })
        case 'name':
          return http.get('/a', { query: { [sent]: 'x' } })
        case 'header':
          return http.get('/a', { headers: { 'x-note': sent } })
        case 'json':
          return http.post('/a', { json: { list: [{ note }], [sent]: 1 } })
        case 'text in json':
          return http.post('/a', { json: { inner: JSON.stringify({ note }) } })
        case 'form':
          return http.post('/a', { form: { note, [sent]: 'x' } })
        case 'text':
          return http.post('/a', { body: note, headers: { 'content-type': 'text/plain' } })
      }
    }
    const call = async () => {
      const { end, answered, sent } = current()
      const answer = await ask()
      switch (end) {
        case 'answer':
          return answer.status
        case 'read':
          return answer.read(z.object({ id: z.int() }))
        case 'throw':
          throw new TypeError(`could not use ${answered}`)
        case 'throw text':
          throw `could not use ${answered}`
        case 'throw a cause':
          throw new Error('it failed', { cause: new Error(`because of ${sent}`, { cause: { [answered]: [sent] } }) })
        case 'throw what was asked':
          throw Object.assign(new Error('it failed'), { config: { url: new URL(`https://a.test/?q=${sent}`), sent } })
      }
    }
    return {
      async ping() {
        return (await http.get('/me')).json()
      },
      call,
      async *each() {
        yield await call()
      },
    }
  },
  test: (adapter) => (scenario === undefined ? adapter.ping() : adapter.call()),
  choices: {
    pin: async (adapter) => {
      await adapter.call()
      return []
    },
  },
  resources: {
    orders: {
      incremental: true,
      fetch: async (adapter) => {
        await adapter.call()
        return { items: [], cursor: 1, hasMore: false }
      },
    },
  },
})

function serve(request: Pick<IncomingMessage, 'headers' | 'url'>, response: ServerResponse): void {
  if (request.url?.startsWith('/me')) {
    response.end('{}')
    return
  }
  const { status, answer, answered, isBroken, padding } = current()
  const said = `${padding}so ${answered} it is`
  const type = (contentType: string) => response.setHeader('content-type', contentType)
  response.statusCode = status
  switch (answer) {
    case 'json':
      type('application/json')
      response.end(JSON.stringify({ message: said, [answered]: true }))
      return
    case 'deep json': {
      type('application/json')
      const text = JSON.stringify({
        errors: [{ detail: said, request: { headers: request.headers, url: request.url } }],
      })
      response.end(isBroken ? text.slice(0, -3) : text)
      return
    }
    case 'html':
      type('text/html')
      response.end(`<p>${said}</p>`)
      return
    case 'text':
      type('text/plain')
      response.end(`${said} ${JSON.stringify(request.headers)} ${request.url}`)
      return
    case 'headers':
      response.setHeader('www-authenticate', `Basic realm="${encodeURIComponent(answered)}"`)
      response.setHeader('retry-after', encodeURIComponent(answered))
      response.end('{}')
      return
    case 'reason':
      response.statusMessage = encodeURIComponent(answered)
      response.end(said)
      return
    case 'redirect':
      response.statusCode = 302
      response.setHeader(
        'location',
        `${isBroken ? 'http://127.0.0.1:1' : ''}/b/${encodeURIComponent(answered)}?q=${encodeURIComponent(answered)}`,
      )
      response.end()
      return
    case 'cut off':
      type('application/json')
      response.setHeader('content-length', 1_000)
      response.write(`{"message":${JSON.stringify(said)}`)
      setImmediate(() => response.destroy())
      return
    case 'reset':
      response.destroy()
      return
  }
}

/** Random, and not part of anything else that is said. */
const secretParts = fc.tuple(
  fc.string({
    unit: fc.constantFrom('a', 'Z', '7', '"', '\\', '/', '+', ' ', '%', '&', '=', "'", 'é', '😀'),
    maxLength: 8,
  }),
  fc.stringMatching(/^[a-zA-Z0-9]{10}$/),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const secrets = fc.oneof(
  secretParts.map((parts) => parts.join('')),
  // One that a header can hold, so that something is sent.
  fc
    .tuple(fc.string({ unit: 'grapheme-ascii', maxLength: 8 }), secretParts)
    .map(([text, [, middle]]) => `${middle}${text}${middle}`),
)
const spellings = fc.constantFrom(...encodings.map(([, encode]) => encode))
// What is put into a request is encoded once or twice more.
const onceSpelled = fc.constantFrom(
  ...encodings.filter(([name]) => !/twice|JSON within/.test(name)).map(([, encode]) => encode),
)
const ofSecrets = (spelled: typeof spellings) => fc.tuple(fc.constantFrom('key', 'pin', 'webhookSecret'), spelled)

/** Whether a text tells a secret, a recognisable piece of it, or something in base64 that has it inside. */
function isIn(secret: string, text: string): boolean {
  const [piece = secret] = /[a-zA-Z0-9]{10}/.exec(secret) ?? []
  if (text.includes(piece) || canBeRead(secret, text)) return true
  const packed = text.match(/[\w+/-]{12,}/g) ?? []
  return packed.some((part) => Buffer.from(part, 'base64').toString().includes(secret))
}

/** All texts of a value, those that only an inspection shows included. */
function textsOf(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const own = Reflect.ownKeys(value).flatMap((key) => [
    String(key),
    ...textsOf(Object.getOwnPropertyDescriptor(value, key)?.value, seen),
  ])
  return value instanceof Error ? [inspect(value, { depth: 20, showHidden: true }), ...own] : own
}

test('no secret comes out in audit rows, events, errors and log lines, wherever it was put and however it was spelled', async () => {
  const server = await startFakeProvider(serve)
  const told: unknown[] = []
  const log = (fields: object, message: string) => void told.push(fields, message)
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [leaky],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    breaker: { threshold: 1_000 },
    pause: { afterFailures: 1_000 },
    audit: { bodies: 'always', maxBodyLength: 100 },
    handlers: { 'shop.orders': async () => {} },
    clock: createFakeClock(),
    logger: { debug: log, info: log, warn: log, error: log },
  })
  onTestFinished(async () => {
    await connectors.close()
    await server.close()
  })
  for (const name of eventNames) connectors.on(name, (event) => told.push(event))
  const acme = connectors.forTenant('acme')
  let rowCount = 0

  await fc.assert(
    fc.asyncProperty(
      fc.record({ key: secrets, pin: secrets, webhookSecret: secrets }),
      fc.record({
        strategy: fc.constantFrom(...strategies),
        place: fc.constantFrom(...places),
        answer: fc.constantFrom(...answers),
        status: fc.constantFrom(...statuses),
        end: fc.constantFrom(...ends),
        sent: ofSecrets(onceSpelled),
        answered: ofSecrets(spellings),
        isBroken: fc.boolean(),
        padding: fc.nat({ max: 230 }).map((length) => '.'.repeat(length)),
      }),
      async (known, { strategy, sent, answered, ...rest }) => {
        const spelled = ([name, encode]: readonly [string, (secret: string) => string]) =>
          encode(known[name as keyof typeof known])
        scenario = undefined
        told.length = 0
        const { id } = await acme.connections.create(leaky, {
          credentials: { user: 'somebody', key: known.key },
          settings: { url: server.origin, strategy, pin: known.pin },
          webhookSecret: known.webhookSecret,
        })
        const caught = (error: unknown) => void told.push(error)
        told.push(await acme.connections.test(id).catch(caught))
        scenario = { ...rest, sent: spelled(sent), answered: spelled(answered) }
        const adapter = await acme.connections.adapter(id, leaky).catch(caught)
        for (const attempt of [
          () => adapter?.call(),
          () => adapter?.each().next(),
          () => acme.connections.choices(id, 'pin'),
          () => acme.sync.run(id, 'orders'),
          () => acme.connections.test(id),
        ]) {
          told.push(await Promise.resolve(attempt()).catch(caught))
          told.push(await acme.connections.resume(id))
        }
        told.push(await acme.sync.state(id, 'orders'))
        const rows = await acme.executions.list({ connectionId: id }).all()
        rowCount += rows.length
        told.push(rows)
        const leaks = told
          .flatMap((value) => textsOf(value))
          .filter((text) => Object.values(known).some((secret) => isIn(secret, text)))
        expect(leaks).toEqual([])
      },
    ),
    { numRuns: 100 },
  )
  expect(rowCount).toBeGreaterThan(200)
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { apiKey, basic, bearer, defineProvider, none } from '../../../src/providers/kit/index.ts'
import { startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { createProviderContext } from '../../support/provider-context.ts'

const sound = {
  family: 'shop',
  name: 'acme',
  label: 'Acme',
  credentials: z.object({ token: z.string() }),
  http: { baseUrl: () => 'https://acme.example', auth: ({ token }: { token: string }) => bearer(token) },
  adapter: () => ({ async ping() {} }),
  test: async () => {},
}

const hmac = { kind: 'hmac', algorithm: 'sha256', encoding: 'hex', header: 'x-sig' }
const webhooks = (change: object) => ({
  webhooks: { signature: hmac, deliveryId: null, eventType() {}, parse() {}, ...change },
})

// Definitions written in JavaScript, or with a name from a variable, are only seen at run time.
const define = (change: object) => () => defineProvider({ ...sound, ...change } as unknown as typeof sound)

describe('a definition', () => {
  it('becomes a provider with defaults for what was left out', () => {
    const provider = defineProvider(sound)
    expect(provider).toMatchObject({
      family: 'shop',
      name: 'acme',
      version: null,
      description: null,
      docsUrl: null,
      icon: null,
      familyPresentation: null,
      allowMultiple: false,
      rateLimit: null,
      choiceFields: [],
      resources: {},
      webhooks: null,
    })
    expect(provider.settings.safeParse({}).success).toBe(true)
    expect(provider.settings.safeParse({ typo: 1 }).success).toBe(false)
  })

  it.each([
    [{ requestsPerSecond: 5, burst: 20 }, 20],
    [{ requestsPerSecond: 5 }, 5],
    [{ requestsPerSecond: 1.2 }, 2],
    [{ requestsPerSecond: 0.1 }, 1],
  ])('with the rate limit %o may burst to %i', (rateLimit, burst) => {
    expect(defineProvider({ ...sound, rateLimit }).rateLimit).toEqual({ ...rateLimit, burst })
  })

  it.each([
    [{ resource: {} }, 'resource'],
    [{ version: 2 }, 'version'],
    [{ icon: '' }, 'icon'],
    [{ familyPresentation: { colour: 'red' } }, 'familyPresentation'],
    [{ familyPresentation: { label: ' ' } }, 'familyPresentation'],
    [{ docsUrl: 'javascript:alert(1)' }, 'docsUrl'],
    [{ rateLimit: { requestsPerSecond: 0 } }, 'requestsPerSecond'],
    [{ rateLimit: { requestsPerSecond: '5' } }, 'requestsPerSecond'],
    [{ rateLimit: { requestsPerSecond: 5, burst: 0.5 } }, 'burst'],
    [{ implements: 'getOrders' }, 'implements'],
    [{ choices: { token: ['a'] } }, 'choices.token'],
    [{ choices: { region: async () => [] } }, 'choices.region'],
    [{ resources: { orders: { incremental: true, fetch: async () => {}, label: 1 } } }, 'label'],
    [{ webhooks: { signature: {}, deliveryId: null, eventType() {}, parse() {}, eventTypes: [1] } }, 'eventTypes'],
    [{ family: 'Shop' }, 'family'],
    [{ family: '' }, 'family'],
    [{ name: 'a/b' }, 'name'],
    [{ name: '1a' }, 'name'],
    [{ name: undefined }, 'name'],
    [{ label: ' ' }, 'label'],
    [{ credentials: {} }, 'credentials'],
    [{ settings: { baseUrl: 'string' } }, 'settings'],
    [{ http: {} }, 'http'],
    [{ adapter: {} }, 'adapter'],
    [{ test: undefined }, 'test'],
    [{ resources: { 'no way': { incremental: true, fetch: async () => {} } } }, 'no way'],
    [{ resources: { orders: { fetch: async () => {} } } }, 'orders'],
    [{ resources: { orders: { incremental: true } } }, 'orders'],
    [{ webhooks: { signature: hmac, deliveryId: null, eventType() {} } }, 'parse'],
    [{ webhooks: { signature: {}, deliveryId: null, eventType() {}, parse() {} } }, 'signature'],
    [webhooks({ signature: { kind: 'none' } }), 'none'],
    [webhooks({ signature: { ...hmac, header: 'X-Sig' } }), 'X-Sig'],
    [webhooks({ signature: { ...hmac, signed: ['url'] } }), 'body'],
    [webhooks({ signature: { kind: 'standard-webhooks', toleranceMs: 0 } }), 'toleranceMs'],
    [webhooks({ deliveryId: { header: 'X-Id', isSigned: false } }), 'X-Id'],
    [webhooks({ deliveryId: { header: 'x-id', isSigned: true } }), 'isSigned'],
    [webhooks({ deliveryId: {} }), 'deliveryId'],
  ])('with a mistake (%o) is refused, naming it', (change, named) => {
    expect(define(change)).toThrow(
      expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringContaining(named) }),
    )
  })
})

describe('an adapter', () => {
  const context = { ...createProviderContext().context, credentials: { token: 't' }, settings: {} }
  const withAdapter = (adapter: (parts: { credentials: { token: string } }) => unknown, change: object = {}) =>
    define({ adapter, ...change })
  class Client {
    async ping() {}
  }

  it.each([
    ['a method that is not async', { ping: () => 1 }, 'ping'],
    ['a function that returns a promise without being async', { ping: () => Promise.resolve() }, 'ping'],
    ['a plain generator', { *all() {} }, 'all'],
    ['a value that is no method', { async ping() {}, version: 1 }, 'version'],
    ['a getter', Object.defineProperty({}, 'ping', { get: () => async () => {}, enumerable: true }), 'ping'],
    ['a symbol', { [Symbol.iterator]: async () => {} }, 'Symbol(Symbol.iterator)'],
    ['a class instance', new Client(), 'class instance'],
    // biome-ignore lint/suspicious/noThenProperty: that is what must be refused
    ['a method named then', { async then() {} }, 'then'],
    ['nothing', null, 'object'],
  ])(
    'of %s is refused: in the definition, or where it needs real values, when it is made',
    (_title, adapter, named) => {
      const refusal = expect.objectContaining({
        code: 'INVALID_PROVIDER',
        message: expect.stringMatching(new RegExp(`^Provider shop/acme: .*${named.replace(/[().]/g, '\\$&')}`)),
      })
      expect(withAdapter(() => adapter)).toThrow(refusal)
      const provider = withAdapter(({ credentials }) => {
        if (credentials.token !== 't') throw new Error('no such token')
        return adapter
      })()
      expect(() => provider.build(context)).toThrow(refusal)
    },
  )

  it('may have async functions, arrows and generators', () => {
    const adapter = { async a() {}, b: async () => {}, async *c() {} }
    const provider = withAdapter(() => adapter)()
    expect(provider.build(context)).toBe(adapter)
    expect(provider.methods).toEqual(['a', 'b', 'c'])
  })

  it('tells its methods although it looks at its settings and credentials while it is made', () => {
    const provider = defineProvider({
      ...sound,
      settings: z.object({ prefix: z.string().optional(), map: z.record(z.string(), z.string()).optional() }),
      adapter: ({ credentials, settings, http }) => {
        const url = `${settings.prefix?.toUpperCase().trim()}/${credentials.token}`
        const statuses = new Map(Object.entries(settings.map ?? {}))
        const [first] = statuses.keys()
        return {
          async ping() {
            return http.get(`${url}/${first}`)
          },
        }
      },
    })
    expect(provider.methods).toEqual(['ping'])
  })

  it('that can not be made without real values tells no methods', () => {
    const provider = withAdapter(({ credentials }) => {
      new URL(credentials.token)
      return {}
    })()
    expect(provider.methods).toBeNull()
  })

  it('that lacks a method which the definition says it implements is refused, naming the method', () => {
    const ping = { async ping() {} }
    expect(withAdapter(() => ping, { implements: ['ping', 'getOrders'] })).toThrow(
      expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringMatching(/implements.*getOrders/) }),
    )
    expect(withAdapter(() => ping, { implements: ['ping'] })).not.toThrow()
    const sometimes = withAdapter(({ credentials }) => (credentials.token === 't' ? {} : ping), {
      implements: ['ping'],
    })()
    expect(() => sometimes.build(context)).toThrow(
      expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringContaining('ping') }),
    )
  })

  it('whose methods show only with real values can not say what it implements', () => {
    const late = withAdapter(({ credentials }) => ({ url: new URL(credentials.token) }), { implements: ['ping'] })
    expect(late).toThrow(
      expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringContaining('inside the methods') }),
    )
  })

  it('gives it a client that proves who is asking', async () => {
    const server = await startFakeProvider((_request, response) => void response.end('{}'))
    try {
      for (const auth of [bearer('t'), basic('Aladdin', 'öpen:sesame'), apiKey('k', { header: 'X-Api-Key' }), none()]) {
        const provider = defineProvider({
          ...sound,
          http: { baseUrl: () => server.origin, auth: () => auth },
          adapter: ({ http }) => ({
            async ping() {
              await http.get('/')
            },
          }),
          test: (adapter) => adapter.ping(),
        })
        await provider.test(provider.build(context))
      }
      expect(server.requests.map(({ headers }) => headers.authorization ?? headers['x-api-key'])).toEqual([
        'Bearer t',
        `Basic ${Buffer.from('Aladdin:öpen:sesame').toString('base64')}`,
        'k',
        undefined,
      ])
    } finally {
      await server.close()
    }
  })

  it('gives it a client for each other address of the service, with the same proof', async () => {
    const [main, uploads] = await Promise.all([1, 2].map(() => startFakeProvider((_r, response) => response.end('{}'))))
    if (main === undefined || uploads === undefined) throw new Error('both were started')
    try {
      const provider = defineProvider({
        ...sound,
        http: { baseUrl: () => main.origin, auth: () => bearer('t') },
        adapter: ({ httpAt }) => ({
          async ping() {
            await httpAt(`${uploads.origin}/v2`).put('/file')
          },
        }),
        test: (adapter) => adapter.ping(),
      })
      await provider.test(provider.build(context))
      expect(uploads.requests).toMatchObject([{ url: '/v2/file', headers: { authorization: 'Bearer t' } }])
      expect(main.requests).toEqual([])
    } finally {
      await Promise.all([main.close(), uploads.close()])
    }
  })

  it('refuses credentials that no header can carry, without quoting them', () => {
    for (const make of [
      () => bearer('hunter2\n'),
      () => apiKey('hunter2\u0000', { header: 'x-key' }),
      () => bearer('hünter2'),
    ]) {
      expect(make).toThrow(
        expect.objectContaining({ code: 'INVALID_CREDENTIALS', message: expect.not.stringMatching(/h[uü]nter2/) }),
      )
    }
  })
})

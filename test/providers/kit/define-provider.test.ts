import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { basic, bearer, defineProvider, header, none } from '../../../src/providers/kit/index.ts'
import { startLoopbackServer } from '../../support/loopback-server.ts'
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

// Definitions written in JavaScript, or with a name from a variable, are only seen at run time.
const define = (change: object) => () => defineProvider({ ...sound, ...change } as unknown as typeof sound)

describe('a definition', () => {
  it('becomes a provider with defaults for what was left out', () => {
    const provider = defineProvider(sound)
    expect(provider).toMatchObject({
      family: 'shop',
      name: 'acme',
      allowMultiple: false,
      resources: {},
      webhooks: null,
    })
    expect(provider.settings.safeParse({}).success).toBe(true)
    expect(provider.settings.safeParse({ typo: 1 }).success).toBe(false)
  })

  it.each([
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
    [{ webhooks: { signature: { header: 'x' }, deliveryId: null, eventType() {} } }, 'parse'],
    [{ webhooks: { signature: {}, deliveryId: null, eventType() {}, parse() {} } }, 'signature'],
    [{ webhooks: { signature: { header: 'X-Sig' }, deliveryId: null, eventType() {}, parse() {} } }, 'X-Sig'],
  ])('with a mistake (%o) is refused, naming it', (change, named) => {
    expect(define(change)).toThrow(
      expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringContaining(named) }),
    )
  })
})

describe('building an adapter', () => {
  const context = { ...createProviderContext().context, credentials: { token: 't' }, settings: {} }
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
  ])('refuses %s', (_title, adapter, named) => {
    const provider = define({ adapter: () => adapter })()
    expect(() => provider.build(context)).toThrow(
      expect.objectContaining({ code: 'INVALID_PROVIDER', message: expect.stringContaining(named) }),
    )
  })

  it('accepts async functions, arrows and generators', () => {
    const adapter = { async a() {}, b: async () => {}, async *c() {} }
    expect(define({ adapter: () => adapter })().build(context)).toBe(adapter)
  })

  it('gives it a client that proves who is asking', async () => {
    const server = await startLoopbackServer((_request, response) => void response.end('{}'))
    try {
      for (const auth of [bearer('t'), basic('Aladdin', 'öpen:sesame'), header('X-Api-Key', 'k'), none()]) {
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

  it('refuses credentials that no header can carry, without quoting them', () => {
    for (const make of [() => bearer('hunter2\n'), () => header('x-key', 'hunter2\u0000'), () => bearer('hünter2')]) {
      expect(make).toThrow(
        expect.objectContaining({ code: 'INVALID_CREDENTIALS', message: expect.not.stringMatching(/h[uü]nter2/) }),
      )
    }
  })
})

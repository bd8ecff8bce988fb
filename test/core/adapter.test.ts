import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { ConnectionVerbs } from '../../src/core/connectors.ts'
import { AuthenticationError, ConnectorsError } from '../../src/core/domain/errors.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, testKey } from '../support/shop-world.ts'

const secret = 'planted-secret-of-acme'

/** A provider whose one method does what a test tells it to. */
async function createOddWorld(act: (step: 'run' | 'cleanup', credentials: { readonly token: string }) => unknown) {
  const odd = defineProvider({
    family: 'shop',
    name: 'odd',
    label: 'Odd',
    credentials: z.object({ token: z.string() }),
    http: { baseUrl: () => 'http://127.0.0.1:1', auth: ({ token }) => bearer(token), retries: 0 },
    adapter: ({ credentials }) => ({
      async ping() {},
      async run() {
        return await act('run', credentials)
      },
      async *walk() {
        try {
          yield 1
          yield 2
        } finally {
          await act('cleanup', credentials)
        }
      },
    }),
    test: (adapter) => adapter.ping(),
  })
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [odd],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
  })
  onTestFinished(() => connectors.close())
  const { connections } = connectors.forTenant('acme')
  const { id } = await connections.create(odd, { credentials: { token: secret } })
  await connections.test(id)
  return { connectors, adapter: await connections.adapter(id, odd) }
}

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test('methods answer what the provider answers', async () => {
  const { connectors, connect } = await createShopWorld({ orderCount: 12 })
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  expect(await adapter.getOrder('o1')).toEqual({ id: 'o1', total: '1.00', currency: 'EUR' })
  expect(await adapter.listOrders(10)).toMatchObject({ orders: [{ id: 'o11' }, { id: 'o12' }], total: 12 })
  await expect(adapter.getOrder('o99')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status: 404 })
})

test('a method may call another one of its adapter by `this`, whoever called it', async () => {
  const chained = defineProvider({
    family: 'shop',
    name: 'chained',
    label: 'Chained',
    credentials: z.object({ token: z.string() }),
    http: { baseUrl: () => 'http://127.0.0.1:1', auth: ({ token }) => bearer(token) },
    adapter: () => {
      const methods = {
        async one() {
          return 1
        },
        async two(): Promise<number> {
          return (await this.one()) + 1
        },
        async *count() {
          yield await this.one()
          yield await this.two()
        },
      }
      return methods
    },
    test: (adapter) => adapter.two(),
  })
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [chained],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
  })
  onTestFinished(() => connectors.close())
  const { connections } = connectors.forTenant('acme')
  const { id } = await connections.create(chained, { credentials: { token: secret } })
  await connections.test(id)
  const { two, count } = await connections.adapter(id, chained)
  expect(await two()).toBe(2)
  const counted: number[] = []
  for await (const number of count()) counted.push(number)
  expect(counted).toEqual([1, 2])
})

test("each tenant's adapter uses its own credentials", async () => {
  const { connectors, connect, server } = await createShopWorld()
  const seen: unknown[] = []
  server.intercept = ({ headers }) => {
    seen.push(headers.authorization)
    return false
  }
  const [acme, globex] = [await connect('acme'), await connect('globex', { token: 'token-of-globex' })]
  const adapters = [
    await connectors.forTenant('acme').connections.adapter(acme.id, shop),
    await connectors.forTenant('globex').connections.adapter(globex.id, shop),
    await connectors.operator.connections.adapter(globex.id, shop),
  ]
  seen.length = 0
  for (const adapter of adapters) await adapter.ping()
  expect(seen).toEqual(['Bearer token-of-acme', 'Bearer token-of-globex', 'Bearer token-of-globex'])
})

test('the provider has to be the one of the connection', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const adapter = connectors.forTenant('acme').connections.adapter as ConnectionVerbs<AnyProvider, string>['adapter']
  const other: AnyProvider = { ...(shop as AnyProvider), name: 'othershop' }
  await expect(adapter(id, other)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(/testshop.*othershop/),
  })
  await expect(adapter(id, undefined as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test('a generator passes the gate once per step', async () => {
  const { connectors, connect, server } = await createShopWorld({ orderCount: 5 })
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  const seen: string[] = []
  const walk = async () => {
    for await (const order of adapter.eachOrder()) {
      seen.push(order.id)
      if (order.id === 'o2') await connections.disable(id)
    }
  }
  const sent = server.requests.length
  await expect(walk()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
  expect(seen).toEqual(['o1', 'o2'])
  expect(server.requests.slice(sent)).toEqual(['GET /orders?offset=0', 'GET /orders/o1', 'GET /orders/o2'])
})

test('a generator that is not begun sends nothing', async () => {
  const { connectors, connect, server } = await createShopWorld({ orderCount: 5 })
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  const sent = server.requests.length
  adapter.eachOrder()
  expect(server.requests.length).toBe(sent)
})

test('failures inside of a generator feed the breaker', async () => {
  const { connectors, connect, server } = await createShopWorld({ orderCount: 5 })
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  const walk = async () => {
    for await (const _ of adapter.eachOrder()) server.tokens.clear()
  }
  await expect(walk()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  expect(await connections.get(id)).toMatchObject({ authFailureCount: 1, isEnabled: true })
})

test('a generator stays with the credentials it began with, and their refusal after a replacement does not count', async () => {
  const { connectors, connect, server } = await createShopWorld({ orderCount: 5 })
  const { id } = await connect('acme')
  const { connections } = connectors.forTenant('acme')
  const adapter = await connections.adapter(id, shop)
  const seen: string[] = []
  const walk = async () => {
    for await (const order of adapter.eachOrder()) {
      seen.push(order.id)
      if (order.id === 'o1') await connections.rotateCredentials(id, { token: 'new-token-of-acme' })
      if (order.id === 'o3') server.tokens.clear()
    }
  }
  await expect(walk()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  expect(seen).toEqual(['o1', 'o2', 'o3'])
  expect(await connections.get(id)).toMatchObject({ authFailureCount: 0, isConnected: true })
})

test('leaving a generator early ends the one of the provider', async () => {
  const steps: string[] = []
  const { adapter } = await createOddWorld((step) => void steps.push(step))
  for await (const item of adapter.walk()) {
    expect(item).toBe(1)
    break
  }
  expect(steps).toEqual(['cleanup'])
})

test('what a generator of the provider throws while it is ended comes out redacted', async () => {
  const { adapter } = await createOddWorld((_step, { token }) => {
    throw new TypeError(`could not let go of ${token}`)
  })
  const walk = async () => {
    for await (const _ of adapter.walk()) break
  }
  const error = await thrownBy(walk())
  expect(error).toMatchObject({ code: 'PROVIDER_FAILED' })
  expect(inspect(error, { depth: 9 })).not.toContain(secret)
})

test('what the provider code throws by mistake comes out as PROVIDER_FAILED, redacted', async () => {
  const { connectors, connect, eventsOf } = await createShopWorld()
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  const error = await thrownBy(adapter.leak())
  expect(error).toMatchObject({ code: 'PROVIDER_FAILED', message: expect.stringContaining('[redacted]') })
  expect(inspect(error, { depth: 9 })).not.toContain('token-of-acme')
  expect(eventsOf('operation.failed')).toMatchObject([{ action: 'leak', code: 'PROVIDER_FAILED', runId: null }])
})

const circular = (token: string) => {
  const config: Record<string, unknown> = { headers: { authorization: `Bearer ${token}` } }
  config.self = config
  return config
}

test.each<[title: string, make: (token: string) => unknown]>([
  ['the message', (token) => new Error(`with ${token}`)],
  ['the message, url-encoded', (token) => new Error(`?q=${encodeURIComponent(token)}`)],
  ['a property', (token) => Object.assign(new Error('failed'), { config: { token } })],
  ['a property that holds itself', (token) => Object.assign(new Error('failed'), { config: circular(token) })],
  ['a property nobody enumerates', (token) => Object.defineProperty(new Error('failed'), 'token', { value: token })],
  ['a map', (token) => Object.assign(new Error('failed'), { headers: new Map([['authorization', token]]) })],
  ['bytes', (token) => Object.assign(new Error('failed'), { body: Buffer.from(`x${token}x`) })],
  ['a cause', (token) => new Error('failed', { cause: new Error(token) })],
  ['a cause that is no error', (token) => new ConnectorsError('PROVIDER_REJECTED', 'no', { cause: { token } })],
  ['a cause that is a text', (token) => new ConnectorsError('PROVIDER_REJECTED', 'no', { cause: token })],
  ['one of several errors', (token) => new AggregateError([new Error(token)], 'failed')],
  ['no error but an object', (token) => ({ failed: true, token })],
  ['a text', (token) => `failed with ${token}`],
])('a secret in %s does not get out', async (_title, make) => {
  const { adapter } = await createOddWorld((_step, { token }) => {
    throw make(token)
  })
  const error = await thrownBy(adapter.run())
  expect(error).toBeInstanceOf(ConnectorsError)
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret)
  const { cause } = error as Error
  expect(inspect(cause, { depth: 20, showHidden: true })).not.toContain(secret)
})

test('what the provider throws keeps its cause if there is nothing secret in it', async () => {
  const bug = new TypeError('x is not a function')
  const { adapter } = await createOddWorld(() => {
    throw bug
  })
  expect(((await thrownBy(adapter.run())) as Error).cause).toBe(bug)
})

test('an error of ours that had to be redacted is still of its class', async () => {
  const { adapter } = await createOddWorld((_step, { token }) => {
    throw new AuthenticationError(`${token} was refused`, { status: 401 })
  })
  const error = await thrownBy(adapter.run())
  expect(error).toBeInstanceOf(AuthenticationError)
  expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', name: 'AuthenticationError', status: 401 })
  expect(String(error)).not.toContain(secret)
})

test('what was called off does not count as a failure', async () => {
  const controller = new AbortController()
  const { connectors, connect, server, eventsOf } = await createShopWorld({
    orderCount: 25,
    handlers: { 'shop.orders': async () => {} },
  })
  const { id } = await connect('acme')
  server.intercept = () => {
    controller.abort()
    return true
  }
  const result = await connectors.forTenant('acme').sync.run(id, 'orders', { signal: controller.signal })
  expect(result).toMatchObject({ status: 'partial', reason: 'aborted' })
  expect(eventsOf('operation.failed')).toEqual([])
})

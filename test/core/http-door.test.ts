import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { apiKey, defineProvider, signer } from '../../src/providers/kit/index.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { testKey } from '../support/shop-world.ts'

const parcels = defineProvider({
  family: 'parcels',
  name: 'parcels',
  label: 'Parcels',
  credentials: z.object({ key: z.string() }),
  settings: z.object({ url: z.url() }),
  http: {
    baseUrl: ({ url }) => url,
    auth: ({ key }) => apiKey(key, { query: 'k' }),
    retries: 0,
    hooks: {
      onResponse: ({ status }) => {
        if (status === 202) throw new Error('no metrics for s3cret key+')
      },
    },
  },
  adapter: ({ http }) => ({
    async ping(deadlineMs?: number) {
      return (await http.get('/ping', { query: { page: 2 }, ...(deadlineMs !== undefined && { deadlineMs }) })).json()
    },
  }),
  test: (adapter) => adapter.ping(),
})

function create(warn: (...line: unknown[]) => void = () => {}) {
  const quiet = () => {}
  return createConnectors(memoryRepositories<string>(), {
    providers: [parcels],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: ['127.0.0.1'] },
    clock: createFakeClock(),
    logger: { debug: quiet, info: quiet, warn, error: quiet },
  })
}

async function connect(isHanging: () => boolean, status = 200) {
  const server = await startFakeProvider((_request, response) => {
    if (!isHanging()) response.writeHead(status).end('{}')
  })
  const warnings: unknown[][] = []
  const connectors = create((...line) => warnings.push(line))
  onTestFinished(async () => {
    await connectors.close()
    await server.close()
  })
  const acme = connectors.forTenant('acme')
  const { id } = await acme.connections.create(parcels, {
    credentials: { key: 's3cret key+' },
    settings: { url: server.origin },
  })
  await acme.connections.test(id)
  return { acme, server, warnings, adapter: await acme.connections.adapter(id, parcels) }
}

test('a key in the query reaches the provider, and the audit log without it', async () => {
  const { acme, server } = await connect(() => false)
  expect(server.requests.map(({ url }) => url)).toEqual(['/ping?page=2&k=s3cret+key%2B'])
  const { items } = await acme.executions.list().page()
  expect(items.map(({ url }) => url)).toEqual([`${server.origin}/ping?page=2&k=[redacted]`])
})

test('the deadline of a request ends its exchange before the limit of an attempt', async () => {
  let isHanging = false
  const { adapter } = await connect(() => isHanging)
  isHanging = true
  await expect(adapter.ping(30)).rejects.toMatchObject({
    code: 'PROVIDER_UNAVAILABLE',
    message: expect.stringContaining('within 30 ms'),
  })
})

test('a hook that fails harms nothing, and is told to the log without secrets', async () => {
  const { adapter, warnings } = await connect(() => false, 202)
  expect(await adapter.ping()).toEqual({})
  expect(warnings).toContainEqual([
    expect.objectContaining({
      err: expect.objectContaining({ message: expect.stringContaining('no metrics for [redacted]') }),
    }),
    'the hook onResponse of the HTTP client failed',
  ])
  expect(JSON.stringify(warnings)).not.toContain('s3cret')
})

test('close leaves no connection to a provider open', async () => {
  const closed: Promise<unknown>[] = []
  const server = createServer((_request, response) => {
    // Asks the client to keep the connection for longer than any test lasts.
    response.writeHead(200, { 'keep-alive': 'timeout=600' }).end('{}')
  })
  server.keepAliveTimeout = 600_000
  server.on('connection', (socket) => closed.push(once(socket, 'close')))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const connectors = create()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { connections } = connectors.forTenant('acme')
  const { id } = await connections.create(parcels, { credentials: { key: 'k' }, settings: { url } })
  await connections.test(id)
  await connectors.close()
  await connectors.close()
  await Promise.all(closed)
  expect(closed).toHaveLength(1)
})

test('a signer that never answers ends with the deadline of the request, and with its call', async () => {
  const clock = createFakeClock()
  let isSigning = () => {}
  const silent = defineProvider({
    family: 'parcels',
    name: 'silent',
    label: 'Silent',
    credentials: z.object({ key: z.string() }),
    http: {
      baseUrl: () => 'https://parcels.example',
      auth: ({ key }) =>
        signer(
          () => {
            isSigning()
            return new Promise(() => {})
          },
          { secrets: [key] },
        ),
      retries: 0,
    },
    adapter: ({ http }) => ({
      async ping(signal?: AbortSignal) {
        return (await http.get('/ping', { deadlineMs: 5_000, ...(signal && { signal }) })).json()
      },
    }),
    test: async () => {},
  })
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [silent],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    clock,
  })
  onTestFinished(() => connectors.close())
  const { connections } = connectors.forTenant('acme')
  const { id } = await connections.create(silent, { credentials: { key: 'k' } })
  await connections.test(id)
  const adapter = await connections.adapter(id, silent)
  const begun = () =>
    new Promise<void>((resolve) => {
      isSigning = resolve
    })
  let signing = begun()
  const late = expect(adapter.ping()).rejects.toMatchObject({
    code: 'PROVIDER_UNAVAILABLE',
    message: expect.stringContaining('signer'),
  })
  await signing
  await clock.advance(5_000)
  await late
  signing = begun()
  const controller = new AbortController()
  const off = expect(adapter.ping(controller.signal)).rejects.toMatchObject({ code: 'ABORTED' })
  await signing
  controller.abort()
  await off
  expect(clock.pending()).toBe(0)
})

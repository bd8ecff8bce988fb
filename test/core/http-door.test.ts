import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { apiKey, defineProvider } from '../../src/providers/kit/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { startLoopbackServer } from '../support/loopback-server.ts'
import { testKey } from '../support/shop-world.ts'

const parcels = defineProvider({
  family: 'parcels',
  name: 'parcels',
  label: 'Parcels',
  credentials: z.object({ key: z.string() }),
  settings: z.object({ url: z.url() }),
  http: { baseUrl: ({ url }) => url, auth: ({ key }) => apiKey(key, { query: 'k' }), retries: 0 },
  adapter: ({ http }) => ({
    async ping(deadlineMs?: number) {
      return (await http.get('/ping', { query: { page: 2 }, ...(deadlineMs !== undefined && { deadlineMs }) })).json()
    },
  }),
  test: (adapter) => adapter.ping(),
})

async function connect(isHanging: () => boolean) {
  const server = await startLoopbackServer((_request, response) => {
    if (!isHanging()) response.end('{}')
  })
  const quiet = () => {}
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [parcels],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: ['127.0.0.1'] },
    clock: createFakeClock(),
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
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
  return { acme, server, adapter: await acme.connections.adapter(id, parcels) }
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

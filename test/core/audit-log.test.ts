import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { ExecutionLog } from '../../src/core/domain/execution-log.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { operatorScope } from '../../src/core/domain/tenant.ts'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'
import { newExecutionLog } from '../../src/testing/new-execution-log.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

type WorldOptions = Parameters<typeof createShopWorldOver<string, unknown>>[1]

/** A connected tenant over a store that a test can spoil. */
async function audited(options: WorldOptions = {}, spoil: (rows: readonly ExecutionLog[]) => void = () => {}) {
  const repositories = memoryRepositories<string>()
  const watched = watchedStore(repositories, (call, [rows]) => {
    if (call === 'executionLogs.appendMany') spoil(rows as readonly ExecutionLog[])
  })
  const world = await createShopWorldOver(watched, { orderCount: 12, ...options })
  const { id } = await world.connect('acme')
  const tenant = world.connectors.forTenant('acme')
  const adapter = await tenant.connections.adapter(id, shop)
  return {
    ...world,
    id,
    tenant,
    adapter,
    repositories,
    rows: async () => (await tenant.executions.list().page()).items,
    /** What is in the store, without a flush. */
    stored: async () =>
      (await repositories.executionLogs.list({ scope: operatorScope, filter: {}, limit: 1_000 })).items,
  }
}

const away = () => {
  throw new ConnectorsError('STORE_UNAVAILABLE', 'the store is away')
}

test('each call is a row that says what was done, for whom and how it went', async () => {
  const { adapter, rows, id, clock, server } = await audited()
  await adapter.getOrder('o1')
  await adapter.getOrder('o99').catch(() => {})
  const [missing, found, tested] = await rows()
  expect(found).toEqual({
    id: expect.any(String),
    tenantId: 'acme',
    connectionId: id,
    runId: null,
    actor: null,
    action: 'getOrder',
    method: 'GET',
    url: `${server.url}/orders/o1`,
    requestPayload: null,
    responseStatus: 200,
    responsePayload: null,
    durationMs: 0,
    attempt: 1,
    error: null,
    createdAt: clock.now(),
  })
  expect(missing).toMatchObject({ responseStatus: 404, responsePayload: '{"message":"no such order"}', error: null })
  expect(tested).toMatchObject({ action: 'test', responseStatus: 200 })
})

test('the calls of a run carry its id and its name', async () => {
  const { tenant, id } = await audited({ handlers: { 'shop.orders': async () => {} } })
  const { runId } = await tenant.sync.run(id, 'orders')
  const { items } = await tenant.executions.list({ runId }).page()
  expect(items.map(({ action, url }) => [action, new URL(url).search])).toEqual([
    ['sync orders', '?offset=10'],
    ['sync orders', '?offset=0'],
  ])
  expect((await tenant.executions.list().page()).items).toHaveLength(3)
})

test('calls that overlap keep their own names', async () => {
  const { adapter, rows } = await audited()
  await Promise.all([adapter.getOrder('o1'), adapter.ping(), adapter.listOrders(0)])
  const labels = (await rows()).map(({ action, url }) => `${action} ${new URL(url).pathname}`).sort()
  expect(labels).toEqual(['getOrder /orders/o1', 'listOrders /orders', 'ping /me', 'test /me'])
})

test('the steps of a generator carry its name', async () => {
  const { adapter, rows } = await audited()
  for await (const { id } of adapter.eachOrder()) if (id === 'o2') break
  expect((await rows()).map(({ action }) => action)).toEqual(['eachOrder', 'eachOrder', 'eachOrder', 'test'])
})

test('each attempt of a call that is repeated is a row of its own', async () => {
  const { server, clock, ...world } = await audited({
    providers: [
      {
        ...shop,
        // The same shop, whose client tries again.
        build: (context: Parameters<typeof shop.build>[0]) =>
          defineProvider({
            family: 'shop',
            name: 'testshop',
            label: 'Test shop',
            credentials: shop.credentials,
            settings: shop.settings,
            http: { baseUrl: ({ url }) => url, auth: ({ token }) => bearer(token), retries: 2 },
            adapter: ({ http }) => ({
              async ping() {
                return (await http.get('/me')).json()
              },
            }),
            test: (adapter) => adapter.ping(),
          }).build(context),
      } as AnyProvider as typeof shop,
    ],
  })
  let failures = 2
  server.intercept = (_request, response) => {
    if (failures === 0) return false
    failures -= 1
    response.writeHead(503).end()
    return true
  }
  const call = world.tenant.connections.test(world.id)
  for (let wait = 0; wait < 2; wait += 1) {
    await expect.poll(() => clock.pending()).toBeGreaterThan(1)
    await clock.advance(999)
  }
  expect((await call).status).toBe('connected')
  const rows = await world.rows()
  expect(rows.slice(0, 3).map(({ attempt, responseStatus }) => [attempt, responseStatus])).toEqual([
    [3, 200],
    [2, 503],
    [1, 503],
  ])
})

test('a call without an answer is a row with the error', async () => {
  const { adapter, rows, server } = await audited()
  await server.close()
  await adapter.ping().catch(() => {})
  const [row] = await rows()
  expect(row).toMatchObject({ action: 'ping', responseStatus: null, responsePayload: null })
  expect(row?.error).not.toBe('')
  expect(row?.error).not.toBeNull()
})

test('secrets are taken out of the address, the bodies and the error', async () => {
  const { adapter, rows, server, logLines } = await audited({ audit: { bodies: 'always' } })
  const secret = 'token-of-acme'
  server.intercept = (request, response) => {
    const body = { echo: request.headers.authorization, access_token: 'fresh-token', base64: btoa(secret) }
    response.writeHead(request.url?.includes('o1') ? 200 : 400).end(JSON.stringify(body))
    return true
  }
  await adapter.getOrder('o1').catch(() => {})
  await adapter.getOrder(`o2?access_token=other-secret&q=${secret}`).catch(() => {})
  await server.close()
  await adapter.getOrder(secret).catch(() => {})
  const text = JSON.stringify([await rows(), logLines])
  for (const planted of [secret, 'fresh-token', 'other-secret', btoa(secret)]) expect(text).not.toContain(planted)
  expect(text).toContain('Bearer [redacted]')
  expect(text).toContain('access_token=[redacted]')
})

test.each([
  ['never', null, null],
  ['failures', null, '{"message":"no such order"}'],
  ['always', '{"shop":"test"}', '{"message":"no such order"}'],
] as const)('bodies are kept: %s', async (bodies, ofSuccess, ofFailure) => {
  const { adapter, rows } = await audited({ audit: { bodies } })
  await adapter.ping()
  await adapter.getOrder('o99').catch(() => {})
  const [failure, success] = await rows()
  expect([success?.responsePayload, failure?.responsePayload]).toEqual([ofSuccess, ofFailure])
})

test('long bodies are cut, between characters and after redaction', async () => {
  const { adapter, rows, server } = await audited({ audit: { maxBodyLength: 20 } })
  server.intercept = (_request, response) => {
    response.writeHead(500).end(`🦊🦊 token-of-acme ${'🦊'.repeat(50)}`)
    return true
  }
  await adapter.ping().catch(() => {})
  const [row] = await rows()
  expect(row?.responsePayload).toBe('🦊🦊 [redacted] 🦊🦊🦊🦊🦊…')
  expect(Array.from(row?.responsePayload ?? '')).toHaveLength(20)
})

test('many long secrets before the part that is looked at ends do not bring the beginning of another into view', async () => {
  const { rows, server, connectors } = await audited()
  const token = `token-${'0123456789abcdef'.repeat(375)}`
  server.tokens.add(token)
  const { id } = await connectors.forTenant('acme').connections.create(shop, {
    displayName: 'Second',
    credentials: { token },
    settings: { url: server.url },
  })
  await connectors.forTenant('acme').connections.test(id)
  server.intercept = (_request, response) => {
    response.writeHead(500).end(Array.from({ length: 20 }, () => token).join('\n'))
    return true
  }
  await (await connectors.forTenant('acme').connections.adapter(id, shop)).ping().catch(() => {})
  expect((await rows())[0]?.responsePayload).not.toContain('0123456789abcdef')
})

test('a body of two bytes a character is kept without its secrets', async () => {
  const { adapter, rows, server } = await audited()
  server.intercept = (_request, response) => {
    response.writeHead(500).end(Buffer.from('{"said":"token-of-acme","password":"hunter2"}', 'utf16le'))
    return true
  }
  await adapter.ping().catch(() => {})
  expect((await rows())[0]?.responsePayload).toBe('{"said":"[redacted]","password":"[redacted]"}')
})

test('bodies that no text column could hold are kept without what it refuses', async () => {
  const { adapter, rows, server } = await audited()
  server.intercept = (_request, response) => {
    response.writeHead(500).end(Buffer.from([0x61, 0x00, 0xff, 0x62]))
    return true
  }
  await adapter.ping().catch(() => {})
  expect((await rows())[0]?.responsePayload).toBe('a\ufffdb')
})

test('rows are written when flushMs has passed, when they are listed, and in batches', async () => {
  const batches: number[] = []
  const { adapter, stored, rows, clock } = await audited({}, ({ length }) => void batches.push(length))
  expect(await stored()).toEqual([])
  await clock.advance(999)
  expect(await stored()).toEqual([])
  await clock.advance(1)
  expect(await stored()).toHaveLength(1)
  await adapter.ping()
  expect(await rows()).toHaveLength(2)
  await Promise.all(Array.from({ length: 150 }, () => adapter.ping()))
  await rows()
  expect(batches).toEqual([1, 1, 100, 50])
  expect(clock.pending()).toBe(0)
})

test('a row that the store refuses is dropped alone, and logged', async () => {
  const { adapter, rows, logLines } = await audited({}, (batch) => {
    if (batch.some(({ url }) => url.endsWith('o3'))) throw new ConnectorsError('STORE_FAILED', 'a bad row')
  })
  await Promise.all(['o1', 'o2', 'o3', 'o4', 'o5'].map((id) => adapter.getOrder(id)))
  const urls = (await rows()).map(({ url }) => new URL(url).pathname).sort()
  expect(urls).toEqual(['/me', '/orders/o1', '/orders/o2', '/orders/o4', '/orders/o5'])
  expect(logLines.filter((line) => line.includes('were dropped'))).toEqual([
    expect.stringContaining('"dropped":1,"droppedInTotal":1'),
  ])
})

test('rows wait in memory while the store is away, and are written when it is back', async () => {
  let isAway = true
  const { adapter, stored, clock, logLines } = await audited({}, () => {
    if (isAway) away()
  })
  await adapter.ping()
  await clock.advance(5_000)
  expect(await stored()).toEqual([])
  expect(logLines.join()).toContain('it is tried again')
  isAway = false
  await clock.advance(1_000)
  expect((await stored()).map(({ action }) => action)).toEqual(['ping', 'test'])
  expect(clock.pending()).toBe(0)
})

test('a full buffer drops what comes, counts it, and says so in few lines', async () => {
  let isAway = true
  const { adapter, stored, clock, logLines } = await audited({ audit: { maxBufferedRows: 10 } }, () => {
    if (isAway) away()
  })
  await Promise.all(Array.from({ length: 30 }, () => adapter.ping()))
  await clock.advance(1_000)
  isAway = false
  await clock.advance(1_000)
  expect(await stored()).toHaveLength(10)
  expect(logLines.filter((line) => line.includes('were dropped'))).toEqual([
    expect.stringContaining('"dropped":21,"droppedInTotal":21'),
  ])
})

test('the calls of other tenants are not listed', async () => {
  const { connectors, connect, tenant, id } = await audited()
  const other = await connect('globex', { token: 'token-of-globex' })
  const globex = connectors.forTenant('globex').executions
  expect((await globex.list().page()).items.map(({ connectionId }) => connectionId)).toEqual([other.id])
  expect((await globex.list({ connectionId: id }).page()).items).toEqual([])
  expect((await tenant.executions.list().page()).items).toHaveLength(1)
  expect((await connectors.operator.executions.list().page()).items).toHaveLength(2)
  expect((await connectors.operator.executions.list({ status: 500 }).page()).items).toEqual([])
})

test('lists narrow down to failures, methods, a span of time and a text that counts to the letter', async () => {
  const { adapter, tenant, clock, server } = await audited()
  await clock.advance(60_000)
  const since = clock.now()
  await adapter.getOrder('o1')
  await adapter.getOrder('o99').catch(() => {})
  await server.close()
  await adapter.ping().catch(() => {})
  const listed = async (filter: Parameters<typeof tenant.executions.list>[0]) =>
    (await tenant.executions.list(filter).all()).map(({ action, url }) => `${action} ${new URL(url).pathname}`)
  expect(await listed({ status: 'failed' })).toEqual(['ping /me', 'getOrder /orders/o99'])
  expect(await listed({ status: 'unanswered' })).toEqual(['ping /me'])
  expect(await listed({ since, status: '2xx' })).toEqual(['getOrder /orders/o1'])
  expect(await listed({ until: since })).toEqual(['test /me'])
  expect(await listed({ text: 'orders/o9' })).toEqual(['getOrder /orders/o99'])
  expect(await listed({ text: 'orders%o9' })).toEqual([])
  expect(await listed({ method: 'POST' })).toEqual([])
})

test('prune removes what is older than it is told, of all tenants, however many batches that takes', async () => {
  const { adapter, connectors, tenant, clock, id, repositories } = await audited()
  const row = () => newExecutionLog<string>({ tenantId: 'acme', connectionId: id, createdAt: clock.now() })
  await repositories.executionLogs.appendMany(Array.from({ length: 1_004 }, row))
  await clock.advance(60_000)
  await adapter.ping()
  expect(await connectors.operator.executions.prune({ olderThanMs: 60_001 })).toBe(0)
  expect(await connectors.operator.executions.prune({ olderThanMs: 59_999 })).toBe(1_005)
  expect(await tenant.executions.list().all()).toHaveLength(1)
  expect(tenant.executions).not.toHaveProperty('prune')
  for (const wrong of [undefined, {}, { olderThanMs: -1 }, { olderThanMs: Number.NaN }, { olderThanMS: 5 }]) {
    await expect(connectors.operator.executions.prune(wrong as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  }
})

test('the rows that were lost can be counted, also after close', async () => {
  let isAway = false
  const { adapter, connectors } = await audited({ audit: { maxBufferedRows: 5 } }, () => {
    if (isAway) away()
  })
  await connectors.operator.executions.list().all()
  expect(connectors.operator.executions.droppedCount()).toBe(0)
  isAway = true
  await Promise.all(Array.from({ length: 8 }, () => adapter.ping()))
  expect(connectors.operator.executions.droppedCount()).toBe(3)
  await connectors.close()
  expect(connectors.operator.executions.droppedCount()).toBe(8)
})

test('the secret of its webhooks is taken out of what a provider answers, the old and the new one after a rotation', async () => {
  const { adapter, tenant, id, rows, server } = await audited({ audit: { bodies: 'always' } })
  const secrets = ['whsec-of-the-test-shop', 'whsec-that-is-new']
  server.intercept = (_request, response) => {
    response.writeHead(200).end(JSON.stringify({ hooks: secrets.map((signingKey) => ({ signingKey })) }))
    return true
  }
  await tenant.connections.rotateWebhookSecret(id, { secret: secrets[0] ?? '' })
  await tenant.connections.rotateWebhookSecret(id, { secret: secrets[1] ?? '' })
  await adapter.ping()
  expect((await rows())[0]?.responsePayload).toBe('{"hooks":[{"signingKey":"[redacted]"},{"signingKey":"[redacted]"}]}')
})

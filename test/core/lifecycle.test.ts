import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery, testKey } from '../support/shop-world.ts'
import { watchedStore } from '../support/watched-store.ts'

test('nothing touches the store before the first operation', async () => {
  const calls: string[] = []
  const { connectors } = await createShopWorldOver(
    watchedStore(memoryRepositories<string>(), (call) => void calls.push(call)),
  )
  const tenant = connectors.forTenant('acme')
  connectors.on('connection.created', () => {})
  expect(calls).toEqual([])
  await tenant.connections.list().page()
  expect(calls).not.toEqual([])
})

test('the keys are checked once, however many operations begin at the same time', async () => {
  const calls: string[] = []
  const { connectors } = await createShopWorldOver(
    watchedStore(memoryRepositories<string>(), (call) => void calls.push(call)),
  )
  const { connections } = connectors.forTenant('acme')
  await Promise.all([connectors.ready(), ...Array.from({ length: 5 }, () => connections.list().page())])
  expect(calls).toHaveLength(1 + 5)
})

test('a failure to get ready is told to everyone who waits, and tried anew by the next', async () => {
  let isAway = true
  const { connectors } = await createShopWorldOver(
    watchedStore(memoryRepositories<string>(), () => {
      if (isAway) throw new ConnectorsError('STORE_UNAVAILABLE', 'the store is away')
    }),
  )
  const { connections } = connectors.forTenant('acme')
  const waiting = await Promise.allSettled([connectors.ready(), connections.list().page(), connections.get('x')])
  for (const outcome of waiting) expect(outcome).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE' } })
  isAway = false
  await connectors.ready()
  expect((await connections.list().page()).items).toEqual([])
})

test('after close() every verb throws CLOSED, and nothing is sent or stored', async () => {
  const calls: string[] = []
  const { connectors, connect, server } = await createShopWorldOver(
    watchedStore(memoryRepositories<string>(), (call) => void calls.push(call)),
    { handlers: { 'shop.orders': async () => {} } },
  )
  const { id } = await connect('acme')
  const tenant = connectors.forTenant('acme')
  const adapter = await tenant.connections.adapter(id, shop)
  await connectors.close()
  const sent = server.requests.length
  calls.length = 0
  const settings = { url: server.url }
  const { connections, sync, webhooks, executions } = tenant
  const verbs = [
    () => connectors.ready(),
    () => connectors.transaction(async () => {}),
    () => connections.create(shop, { credentials: { token: 'x' }, settings }),
    () => connections.get(id),
    () => connections.list().page(),
    () => connections.update(id, { displayName: 'x' }),
    () => connections.updateSettings(id, settings),
    () => connections.validateSettings(id, settings),
    () => connections.rotateCredentials(id, { token: 'x' }),
    () => connections.rotateWebhookSecret(id, { secret: 'x' }),
    () => connections.test(id),
    () => connections.enable(id),
    () => connections.disable(id),
    () => connections.delete(id),
    () => connections.adapter(id, shop),
    () => adapter.ping(),
    () => adapter.eachOrder().next(),
    () => sync.page(id, 'orders'),
    () => sync.run(id, 'orders'),
    () => sync.full(id, 'orders'),
    () => sync.state(id, 'orders'),
    () => webhooks.receive(id, shopDelivery('{}')),
    () => webhooks.process('x'),
    () => webhooks.processDue(),
    () => webhooks.list().page(),
    () => webhooks.get('x'),
    () => executions.list().page(),
  ]
  for (const verb of verbs) await expect(verb(), String(verb)).rejects.toMatchObject({ code: 'CLOSED' })
  expect(server.requests.length).toBe(sent)
  expect(calls).toEqual([])
})

test('close() waits for what is under way, and writes what is buffered', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect, server } = await createShopWorldOver(repositories)
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  const held: { go: () => void } = { go: () => {} }
  const arrived = new Promise<void>((resolve) => {
    server.intercept = () =>
      new Promise((answer) => {
        held.go = () => answer(false)
        resolve()
      })
  })
  const steps: string[] = []
  const call = adapter.ping().then(() => steps.push('called'))
  await arrived
  const closing = connectors.close().then(() => steps.push('closed'))
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CLOSED' })
  held.go()
  await Promise.all([call, closing])
  expect(steps).toEqual(['called', 'closed'])
  const { items } = await repositories.executionLogs.list({ scope: { kind: 'operator' }, filter: {}, limit: 10 })
  expect(items.map(({ action }) => action)).toEqual(['ping', 'test'])
})

test('a run that is under way stops after its page when close() is called', async () => {
  const { connectors, connect } = await createShopWorld({
    orderCount: 50,
    handlers: { 'shop.orders': async () => {} },
  })
  const { id } = await connect('acme')
  let closed: Promise<void> = Promise.resolve()
  connectors.on('sync.pageCommitted', () => {
    closed = connectors.close()
  })
  const run = connectors.forTenant('acme').sync.run(id, 'orders')
  expect(await run).toMatchObject({ status: 'partial', reason: 'aborted', pageCount: 1, cursor: 10 })
  await closed
})

test('close() may be called again, and while it is under way', async () => {
  const { connectors } = await createShopWorld()
  await Promise.all([connectors.close(), connectors.close()])
  await connectors.close()
})

test('close() inside of a transaction is refused: it would wait for itself', async () => {
  const { connectors } = await createShopWorld()
  await expect(connectors.transaction(() => connectors.close())).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
  await connectors.ready()
})

test('close() leaves no timer behind, even if the store is away', async () => {
  let isAway = false
  const { connectors, connect, clock, logLines } = await createShopWorldOver(
    watchedStore(memoryRepositories<string>(), (call) => {
      if (isAway && call.startsWith('executionLogs')) throw new ConnectorsError('STORE_UNAVAILABLE', 'away')
    }),
  )
  await connect('acme')
  isAway = true
  await connectors.close()
  expect(clock.pending()).toBe(0)
  expect(logLines.join()).toContain('rows of the execution log were dropped')
})

test('a logger that throws harms nothing', async () => {
  const broken = () => {
    throw new Error('the disk is full')
  }
  let isAway = false
  const repositories = watchedStore(memoryRepositories<string>(), (call) => {
    if (isAway && call.startsWith('executionLogs')) throw new ConnectorsError('STORE_UNAVAILABLE', 'away')
    if (isAway && call === 'connections.recordAuthFailure') throw new Error('away')
  })
  const clock = createFakeClock()
  const world = await createShopWorld()
  const connectors = createConnectors(repositories, {
    providers: [shop],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    clock,
    logger: { debug: broken, info: broken, warn: broken, error: broken },
  })
  const tenant = connectors.forTenant('acme')
  const { id } = await tenant.connections.create(shop, {
    credentials: { token: 'token-of-acme' },
    settings: { url: world.server.url },
  })
  await tenant.connections.test(id)
  connectors.on('operation.failed', broken)
  isAway = true
  await clock.advance(1_000)
  world.server.tokens.clear()
  const adapter = await tenant.connections.adapter(id, shop)
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  isAway = false
  await clock.advance(1_000)
  expect((await tenant.executions.list().page()).items).toHaveLength(2)
  await connectors.close()
})

test('the exchange that close() broke off is in the audit trail, and leaves no timer behind', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, connect, server, clock } = await createShopWorldOver(repositories, {
    orderCount: 25,
    handlers: { 'shop.orders': async () => {} },
  })
  const { id } = await connect('acme')
  let closed: Promise<void> | undefined
  server.intercept = () => {
    closed = connectors.close()
    return true // never answered
  }
  expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'partial', reason: 'aborted' })
  await closed
  expect(clock.pending()).toBe(0)
  const { items } = await repositories.executionLogs.list({ scope: { kind: 'operator' }, filter: {}, limit: 10 })
  expect(items.map(({ action, responseStatus }) => [action, responseStatus])).toEqual([
    ['sync orders', null],
    ['test', 200],
  ])
})

describe('close() with a time limit', () => {
  /** A world in which a call of an adapter is under way whose provider never answers. */
  async function hungWorld() {
    const repositories = memoryRepositories<string>()
    const world = await createShopWorldOver(repositories, { http: { allowPrivateNetwork: true, timeoutMs: 600_000 } })
    const { id } = await world.connect('acme')
    const adapter = await world.connectors.forTenant('acme').connections.adapter(id, shop)
    const held: { go: () => void } = { go: () => {} }
    const arrived = new Promise<void>((resolve) => {
      world.server.intercept = () =>
        new Promise((answer) => {
          held.go = () => answer(false)
          resolve()
        })
    })
    const call = adapter.ping()
    await arrived
    return { ...world, repositories, call, held }
  }

  test('stops waiting when the time is over, says for what, cuts it off, and writes what is buffered', async () => {
    const { connectors, repositories, clock, logLines, call, held } = await hungWorld()
    const cutOff = expect(call).rejects.toMatchObject({ code: 'CLOSED' })
    let isClosed = false
    const closing = connectors.close({ timeoutMs: 5_000 }).then(() => {
      isClosed = true
    })
    await clock.advance(4_999)
    expect(isClosed).toBe(false)
    await clock.advance(1)
    await closing
    expect(logLines.join('\n')).toMatch(/The adapter method ping.*close\(\) did not wait any longer/)
    const { items } = await repositories.executionLogs.list({ scope: { kind: 'operator' }, filter: {}, limit: 10 })
    expect(items.map(({ action }) => action)).toEqual(['test'])
    held.go()
    await cutOff
    expect(clock.pending()).toBe(0)
    expect(logLines.join('\n')).toContain('rows of the execution log were dropped')
  })

  test('ends with the work that is under way, and leaves no timer behind', async () => {
    const { connectors, clock, logLines, call, held } = await hungWorld()
    const closing = connectors.close({ timeoutMs: 5_000 })
    held.go()
    await Promise.all([call, closing])
    expect(clock.pending()).toBe(0)
    expect(logLines.join()).not.toContain('did not wait')
  })

  test.each([[null], ['SIGTERM'], [{ timeoutMs: -1 }], [{ timeoutMs: '5000' }], [{ timeout: 5_000 }]])(
    'refuses %o and closes nothing',
    async (options) => {
      const { connectors } = await createShopWorld()
      await expect(connectors.close(options as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      await connectors.ready()
    },
  )
})

test('a logger that rejects harms nothing', async () => {
  const rejecting = async () => {
    throw new Error('the log service is away')
  }
  const rejected: unknown[] = []
  const broken = () => ({
    // biome-ignore lint/suspicious/noThenProperty: what a careless logger may answer.
    then: () => {
      rejected.push('asked')
      throw new Error('no promise at all')
    },
  })
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [shop],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    clock: createFakeClock(),
    logger: { debug: rejecting, info: rejecting, warn: rejecting, error: rejecting } as never,
  })
  connectors.on('connection.created', () => Promise.reject(new Error('the listener failed')))
  const other = createConnectors(memoryRepositories<string>(), {
    providers: [shop],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    clock: createFakeClock(),
    logger: { debug: broken, info: broken, warn: broken, error: broken } as never,
  })
  other.on('connection.created', () => Promise.reject(new Error('the listener failed')))
  for (const { forTenant, close } of [connectors, other]) {
    await forTenant('acme').connections.create(shop, {
      credentials: { token: 'token-of-acme' },
      settings: { url: 'https://shop.test' },
    })
    await close()
  }
  // The tripwire of the test setup finds a rejection that nobody took.
  await new Promise((resolve) => setImmediate(resolve))
  expect(rejected).toEqual(['asked'])
})

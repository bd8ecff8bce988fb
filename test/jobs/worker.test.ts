import { expect, onTestFinished, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { JobQueue } from '../../src/core/domain/job.ts'
import type { EndedJob, WorkOptions } from '../../src/core/job-verbs.ts'
import { newOAuthState } from '../../src/testing/new-oauth-state.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'

type World = Awaited<ReturnType<typeof createShopWorld>>

/** Works, and waits for jobs to have ended. */
function work({ connectors }: World, options: WorkOptions = {}) {
  const ended: EndedJob[] = []
  const waiting = new Set<() => void>()
  const worker = connectors.work({
    tickEveryMs: false,
    ...options,
    onJob: (job) => {
      ended.push(job)
      for (const look of waiting) look()
    },
  })
  onTestFinished(() => worker.drain({ timeoutMs: 1 }))
  const endedCount = (count: number) =>
    new Promise<readonly EndedJob[]>((resolve) => {
      const look = () => ended.length >= count && resolve(ended)
      waiting.add(look)
      look()
    })
  return { worker, ended, endedCount }
}

test('a call of an adapter is made later, through the gate', async () => {
  const world = await createShopWorld({ orderCount: 3 })
  const { id: connectionId } = await world.connect('acme')
  const call = { tenantId: 'acme', connectionId, provider: shop, method: 'listOrders', args: [1] } as const
  expect(await world.connectors.enqueue('adapter.call', { ...call, key: 'one' })).toEqual({ status: 'queued' })
  expect(await world.connectors.enqueue('adapter.call', { ...call, key: 'one' })).toEqual({ status: 'duplicate' })
  const { endedCount } = work(world)
  const [job] = await endedCount(1)
  expect(job).toMatchObject({ name: 'adapter.call', status: 'done', result: { total: 3 } })
  await world.connectors.forTenant('acme').connections.disable(connectionId)
  await world.connectors.enqueue('adapter.call', call)
  const [, refused] = await endedCount(2)
  expect(refused).toMatchObject({ status: 'failed', error: { code: 'CONNECTION_NOT_OPERATIONAL' } })
})

test('what can not be kept is refused at once: secrets, what JSON loses, methods that are not there, foreign connections', async () => {
  const world = await createShopWorld()
  const { id: connectionId } = await world.connect('acme')
  const call = (method: string, args: readonly unknown[], tenantId = 'acme') =>
    world.connectors.enqueue('adapter.call', { tenantId, connectionId, provider: shop, method, args } as never)
  await expect(call('getOrder', ['see token-of-acme'])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(call('getOrder', [new Date()])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(call('eachOrder', [])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(call('toString', [])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(call('getOrder', ['1'], 'other')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test('the types know which calls can be kept', () => {
  const check = (connectors: World['connectors']) => {
    const call = { tenantId: 'acme', connectionId: 'c', provider: shop } as const
    void connectors.enqueue('adapter.call', { ...call, method: 'getOrder', args: ['1'] })
    // @ts-expect-error: a number is no id of an order
    void connectors.enqueue('adapter.call', { ...call, method: 'getOrder', args: [1] })
    // @ts-expect-error: a signal can't be kept
    void connectors.enqueue('adapter.call', { ...call, method: 'listCurrencies', args: [] })
    // @ts-expect-error: a generator can't be kept
    void connectors.enqueue('adapter.call', { ...call, method: 'eachOrder', args: [] })
    // @ts-expect-error: no such resource
    void connectors.enqueue('sync.full', { tenantId: 'acme', connectionId: 'c', resource: 'wishes' })
  }
  expect(check).toBeTypeOf('function')
})

test('a sync is run by a worker, a full pass as one, and the row knows before the queue does', async () => {
  const world = await createShopWorld({ orderCount: 3, handlers: { 'shop.orders': async () => {} } })
  const { id: connectionId } = await world.connect('acme')
  const { sync } = world.connectors.forTenant('acme')
  expect(await world.connectors.enqueue('sync.full', { tenantId: 'acme', connectionId, resource: 'orders' })).toEqual({
    status: 'queued',
  })
  expect(await sync.state(connectionId, 'orders')).toMatchObject({ dueAt: world.clock.now(), generation: 0 })
  const { endedCount } = work(world)
  expect(await endedCount(1)).toMatchObject([
    { name: 'sync.full', status: 'done', result: { result: { status: 'completed' } } },
  ])
  expect(await sync.state(connectionId, 'orders')).toMatchObject({ dueAt: null, generation: 1 })
})

test('a worker finds what is due by itself: syncs and deliveries', async () => {
  const world = await createShopWorld({ orderCount: 3, handlers: { 'shop.orders': async () => {} } })
  const { id: connectionId } = await world.connect('acme')
  world.connectors.webhooks.handle('order.created', async () => {})
  const tenant = world.connectors.forTenant('acme')
  await tenant.sync.schedule(connectionId, 'orders', { everyMs: 900_000 })
  await tenant.webhooks.receive(connectionId, shopDelivery('{"type":"order.created","orderId":"1"}'))
  const { endedCount, worker } = work(world, { tickEveryMs: 1_000 })
  const names = (await endedCount(2)).map(({ name, status }) => `${name} ${status}`)
  expect(names.toSorted()).toEqual(['sync.incremental done', 'webhook.process done'])
  await worker.drain()
  expect(await world.connectors.operator.sync.due()).toEqual([])
})

test('a tick puts no more into the queue than twice what can be begun, however often it is called', async () => {
  const world = await createShopWorld({ orderCount: 0, handlers: { 'shop.orders': async () => {} } })
  for (let index = 0; index < 30; index += 1) {
    const { id } = await world.connect(`t${index}`, { test: false })
    await world.connectors.forTenant(`t${index}`).sync.request(id, 'orders')
  }
  expect(await world.connectors.tick({ slots: 5 })).toMatchObject({ queuedCount: 10 })
  expect(await world.connectors.tick({ slots: 5 })).toMatchObject({ queuedCount: 0 })
  expect(await world.connectors.health()).toMatchObject({
    isReady: true,
    queue: { engine: 'in-process', waitingCount: 10 },
    syncs: { dueCount: 30, oldestDueAt: world.clock.now(), abandonedCount: 0 },
    connections: { disconnectedCount: 30 },
  })
})

test('however many tokens end at once, a tick leaves half of the room to others', async () => {
  const repositories = memoryRepositories<string>()
  const queued: string[] = []
  const queue: JobQueue = {
    engine: 'a list',
    isShared: true,
    enqueue: async ({ name }) => {
      queued.push(name)
      return 'queued'
    },
    waitingCount: async () => 0,
    consume: async () => ({ stop: async () => {} }),
    close: async () => {},
  }
  const world = await createShopWorldOver(repositories, { queue, handlers: { 'shop.orders': async () => {} } })
  const at = world.clock.now()
  for (let index = 0; index < 6; index += 1) {
    const { id } = await world.connect(`t${index}`, { test: false })
    const row = await repositories.connections.find({ scope: { kind: 'operator' }, id })
    if (row === null) throw new Error('the connection is gone')
    const { credentialsEncrypted } = row
    const times = { tokenExpiresAt: at, tokenRefreshAt: at }
    await repositories.connections.replaceCredentials(row, {
      at,
      expectedCredentialsVersion: 1,
      credentialsEncrypted,
      ...times,
    })
    await world.connectors.forTenant(`t${index}`).sync.request(id, 'orders')
  }
  await world.connectors.tick({ slots: 4 })
  const count = (name: string) => queued.filter((each) => each === name).length
  expect([count('credentials.refresh'), count('sync.incremental')]).toEqual([4, 4])
  queued.length = 0
  await world.connectors.tick({ slots: 5, perTenant: 1 })
  expect([count('credentials.refresh'), count('sync.incremental')]).toEqual([5, 5])
})

test('a tick removes what is old, once an hour', async () => {
  const world = await createShopWorld({ orderCount: 1 })
  await world.connect('acme')
  const { operator } = world.connectors
  expect((await operator.executions.list().page()).items.length).toBeGreaterThan(0)
  expect(await world.connectors.tick()).toMatchObject({ prunedCount: 0 })
  await world.clock.advance(29 * 24 * 3_600_000)
  expect(await world.connectors.tick()).toMatchObject({ prunedCount: 0 })
  await world.clock.advance(2 * 24 * 3_600_000)
  expect((await world.connectors.tick({ prune: false })).prunedCount).toBe(0)
  expect((await world.connectors.tick()).prunedCount).toBeGreaterThan(0)
  expect((await operator.executions.list().page()).items).toEqual([])
})

test('a tick removes consents that nobody came back from', async () => {
  const repositories = memoryRepositories<string>()
  const world = await createShopWorldOver(repositories)
  const at = world.clock.now()
  await repositories.oauthStates.create(newOAuthState({ tenantId: 'acme', createdAt: at, expiresAt: at }))
  await world.clock.advance(1)
  expect(await world.connectors.tick()).toMatchObject({ prunedCount: 1 })
})

test('a job is told to stop at its soft limit: a sync ends as aborted, and says so', async () => {
  let tellBegun = (_signal: AbortSignal) => {}
  const begun = new Promise<AbortSignal>((resolve) => {
    tellBegun = resolve
  })
  const world = await createShopWorld({
    orderCount: 1,
    handlers: {
      'shop.orders': {
        prepare: async ({ signal }) => {
          tellBegun(signal)
          return new Promise<never>(() => {})
        },
      },
    },
  })
  const { id: connectionId } = await world.connect('acme')
  await world.connectors.enqueue('sync.incremental', { tenantId: 'acme', connectionId, resource: 'orders' })
  const { endedCount } = work(world)
  const signal = await begun
  await world.clock.advance(299_000)
  expect(signal.aborted).toBe(false)
  await world.clock.advance(2_000)
  expect(signal.aborted).toBe(true)
  expect(await endedCount(1)).toMatchObject([
    { status: 'done', result: { result: { status: 'partial', reason: 'aborted' } } },
  ])
})

import { expect, test, vi } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createShopWorld, createShopWorldOver } from '../support/shop-world.ts'

const minute = 60_000
const start = new Date('2026-03-01T12:00:00.000Z')
const after = (ms: number) => new Date(start.getTime() + ms)

/** A shop with a schedule for its orders, and what ran so far. */
async function scheduledShop(handler: () => Promise<void> = async () => {}) {
  const world = await createShopWorld({ orderCount: 3, handlers: { 'shop.orders': handler } })
  const { id } = await world.connect('acme')
  const { sync } = world.connectors.forTenant('acme')
  const { runDue } = world.connectors.operator.sync
  const dueAt = async () => (await sync.state(id, 'orders'))?.dueAt
  return { ...world, id, sync, runDue, dueAt }
}

test('a scheduled sync is due at once, then keeps its beat, however late it is looked after', async () => {
  const { sync, runDue, dueAt, id, clock } = await scheduledShop()
  expect(await runDue()).toEqual([])
  const state = await sync.schedule(id, 'orders', { everyMs: 15 * minute })
  expect(state).toMatchObject({
    schedule: { everyMs: 15 * minute, jitterMs: 0, isPaused: false },
    dueAt: start,
    status: 'idle',
  })
  expect(await runDue()).toMatchObject([
    { tenantId: 'acme', connectionId: id, resource: 'orders', result: { status: 'completed', itemCount: 3 } },
  ])
  expect(await dueAt()).toEqual(after(15 * minute))
  expect(await runDue()).toEqual([])

  await clock.advance(50 * minute)
  expect(await runDue()).toHaveLength(1)
  expect(await dueAt()).toEqual(after(60 * minute))
})

test('the jitter spreads the starts', async () => {
  const { sync, dueAt, id } = await scheduledShop()
  const starts = new Set<number>()
  for (let round = 0; round < 20; round += 1) {
    await sync.schedule(id, 'orders', { everyMs: 60 * minute, jitterMs: 30 * minute })
    const at = (await dueAt())?.getTime() ?? 0
    expect(at).toBeGreaterThanOrEqual(start.getTime())
    expect(at).toBeLessThanOrEqual(start.getTime() + 30 * minute)
    starts.add(at)
  }
  expect(starts.size).toBeGreaterThan(10)
})

test('a cron expression is read in its time zone, over the change to summer time too', async () => {
  const { sync, runDue, dueAt, id, clock } = await scheduledShop()
  await sync.schedule(id, 'orders', { cron: '0 3 * * *', timeZone: 'Europe/Bucharest' })
  expect(await dueAt()).toEqual(new Date('2026-03-02T01:00:00Z'))
  await clock.advance(new Date('2026-03-28T23:00:00Z').getTime() - start.getTime())
  expect(await runDue()).toHaveLength(1)
  // The clocks there go from 3:00 to 4:00 in that night.
  expect(await dueAt()).toEqual(new Date('2026-03-29T01:00:00Z'))
  await clock.advance(3 * 60 * minute)
  expect(await runDue()).toHaveLength(1)
  expect(await dueAt()).toEqual(new Date('2026-03-30T00:00:00Z'))
})

test('a paused schedule is not due until it is resumed, and one that is taken away never', async () => {
  const { sync, runDue, id, clock } = await scheduledShop()
  await sync.schedule(id, 'orders', { everyMs: minute })
  expect(await sync.pause(id, 'orders')).toMatchObject({ schedule: { everyMs: minute, isPaused: true }, dueAt: null })
  await clock.advance(5 * minute)
  expect(await runDue()).toEqual([])
  expect(await sync.resume(id, 'orders')).toMatchObject({ schedule: { isPaused: false }, dueAt: after(5 * minute) })
  expect(await runDue()).toHaveLength(1)
  expect(await sync.unschedule(id, 'orders')).toMatchObject({ schedule: null, dueAt: null, itemsSynced: 3 })
  await clock.advance(60 * minute)
  expect(await runDue()).toEqual([])
  await expect(sync.pause(id, 'orders')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test('a run that fails is tried again after its back-off, before its next time and after that in its turn', async () => {
  let isBroken = true
  const { sync, runDue, dueAt, id, clock } = await scheduledShop(async () => {
    if (isBroken) throw new Error('no room')
  })
  await sync.schedule(id, 'orders', { everyMs: 24 * 60 * minute })
  expect(await runDue()).toMatchObject([{ result: { status: 'failed', kind: 'handler' } }])
  const retryAt = (await sync.state(id, 'orders'))?.nextSyncAt
  expect(retryAt).toBeInstanceOf(Date)
  expect(await dueAt()).toEqual(retryAt)
  expect(await runDue()).toEqual([])
  isBroken = false
  await clock.advance(minute)
  expect(await runDue()).toMatchObject([{ result: { status: 'completed' } }])
})

test('the back-off after a failure that was not the schedule’s is kept too', async () => {
  const { sync, runDue, dueAt, id } = await scheduledShop(async () => {
    throw new Error('no room')
  })
  expect(await sync.run(id, 'orders')).toMatchObject({ status: 'failed' })
  await sync.schedule(id, 'orders', { everyMs: minute })
  expect(await runDue()).toEqual([])
  expect(await dueAt()).toEqual((await sync.state(id, 'orders'))?.nextSyncAt)
})

test('a paused connection is looked at again when its pause ends, a disabled one at its next time; both send nothing', async () => {
  const { connectors, sync, runDue, dueAt, id, clock, server } = await scheduledShop()
  const { connections } = connectors.forTenant('acme')
  await sync.schedule(id, 'orders', { everyMs: minute })
  await connections.pause(id, { forMs: 10 * minute })
  server.requests.length = 0
  expect(await runDue()).toMatchObject([{ result: { status: 'skipped', reason: 'paused' } }])
  expect(await dueAt()).toEqual(after(10 * minute))
  await connections.resume(id)
  await connections.disable(id)
  await clock.advance(10 * minute)
  expect(await runDue()).toMatchObject([{ result: { status: 'skipped', reason: 'disabled' } }])
  expect(await dueAt()).toEqual(after(11 * minute))
  expect(server.requests).toEqual([])
})

test('ticks of several processes run a due sync once', async () => {
  const repositories = memoryRepositories<string>()
  const handled: string[] = []
  const options = {
    orderCount: 3,
    handlers: { 'shop.orders': async ({ runId }: { readonly runId: string }) => void handled.push(runId) },
  }
  const first = await createShopWorldOver(repositories, options)
  const second = await createShopWorldOver(repositories, options)
  const { id } = await first.connect('acme')
  await first.connectors.forTenant('acme').sync.schedule(id, 'orders', { everyMs: minute })
  const ticks = await Promise.all(
    [first, second, first, second].map((world) => world.connectors.operator.sync.runDue()),
  )
  const results = ticks.flat().map(({ result }) => result)
  expect(results.filter((result) => result?.status === 'completed')).toHaveLength(1)
  for (const result of results) {
    if (result?.status !== 'completed') expect(result).toMatchObject({ status: 'skipped', reason: 'locked' })
  }
  expect(handled).toHaveLength(1)
})

/** A tick that found two syncs due and is still at the first, and another process. */
async function tickHeldAtTheFirst() {
  const repositories = memoryRepositories<string>()
  const handled: string[] = []
  const held = new Map<string, Promise<void>>()
  const options = {
    orderCount: 3,
    handlers: {
      'shop.orders': {
        // Outside of the transaction, which would hold up the whole store.
        prepare: async ({ connection }: { readonly connection: { readonly id: string } }) => {
          handled.push(connection.id)
          await held.get(connection.id)
          return async () => {}
        },
      },
    },
  }
  const first = await createShopWorldOver(repositories, options)
  const second = await createShopWorldOver(repositories, options)
  const [x, y] = [await first.connect('acme'), await first.connect('acme')]
  const { sync } = first.connectors.forTenant('acme')
  for (const { id } of [x, y]) await sync.schedule(id, 'orders', { everyMs: minute })
  const hold = (id: string) => {
    let release = () => {}
    held.set(
      id,
      new Promise<void>((resolve) => {
        release = resolve
      }),
    )
    return release
  }
  const reached = (id: string) => vi.waitFor(() => expect(handled).toContain(id), { interval: 1 })
  const release = hold(x.id)
  const tick = first.connectors.operator.sync.runDue({ concurrency: 1 })
  await reached(x.id)
  return { second, sync, x, y, handled, hold, reached, release, tick }
}

test('a tick doesn’t run what another process has run since it looked', async () => {
  const { second, x, y, handled, release, tick } = await tickHeldAtTheFirst()
  expect(await second.connectors.operator.sync.runDue()).toMatchObject([{ connectionId: y.id }])
  release()
  expect(await tick).toMatchObject([{ connectionId: x.id }])
  expect(handled).toEqual([x.id, y.id])
})

test('what another run holds is skipped as locked, and stays due', async () => {
  const { second, sync, y, hold, reached, release, tick } = await tickHeldAtTheFirst()
  const letGo = hold(y.id)
  const other = second.connectors.forTenant('acme').sync.run(y.id, 'orders')
  await reached(y.id)
  release()
  expect((await tick)[1]).toMatchObject({ connectionId: y.id, result: { status: 'skipped', reason: 'locked' } })
  expect((await sync.state(y.id, 'orders'))?.dueAt).toEqual(start)
  letGo()
  await other
  expect(await second.connectors.operator.sync.runDue()).toMatchObject([{ connectionId: y.id }])
})

test('a run that was stopped stays due, and a schedule that changes during a run stays as it is', async () => {
  let during = async () => {}
  const { sync, runDue, dueAt, id } = await scheduledShop(() => Promise.resolve())
  await sync.schedule(id, 'orders', { everyMs: minute })
  expect(await runDue({ signal: AbortSignal.abort() })).toEqual([])
  expect(await dueAt()).toEqual(start)

  const { connectors, connect } = await createShopWorld({
    orderCount: 3,
    handlers: { 'shop.orders': { prepare: () => during().then(() => async () => {}) } },
  })
  const other = await connect('acme')
  const mine = connectors.forTenant('acme').sync
  await mine.schedule(other.id, 'orders', { everyMs: minute })
  during = async () => void (await mine.pause(other.id, 'orders'))
  expect(await connectors.operator.sync.runDue()).toMatchObject([{ result: { status: 'completed' } }])
  expect(await mine.state(other.id, 'orders')).toMatchObject({ schedule: { isPaused: true }, dueAt: null })
})

test('no tenant holds up the others', async () => {
  const { connectors, connect } = await createShopWorld({ handlers: { 'shop.orders': async () => {} } })
  const schedule = async (tenantId: string) => {
    const { id } = await connect(tenantId)
    await connectors.forTenant(tenantId).sync.schedule(id, 'orders', { everyMs: minute })
  }
  for (let shop = 0; shop < 12; shop += 1) await schedule('acme')
  await schedule('globex')
  const runs = await connectors.operator.sync.runDue({ limit: 4, perTenant: 3 })
  expect(runs.map(({ tenantId }) => tenantId)).toEqual(['acme', 'acme', 'acme', 'globex'])
})

test('what can’t be run here is left to another process for a minute, and a connection that is gone loses its schedule', async () => {
  const repositories = memoryRepositories<string>()
  const web = await createShopWorldOver(repositories)
  const worker = await createShopWorldOver(repositories, { handlers: { 'shop.orders': async () => {} } })
  const { id } = await web.connect('acme')
  const acme = web.connectors.forTenant('acme')
  await acme.sync.schedule(id, 'orders', { everyMs: 60 * minute })
  expect(await web.connectors.operator.sync.runDue()).toMatchObject([{ error: { code: 'HANDLER_MISSING' } }])
  expect((await acme.sync.state(id, 'orders'))?.dueAt).toEqual(after(minute))
  await worker.clock.advance(minute)
  expect(await worker.connectors.operator.sync.runDue()).toMatchObject([{ result: { status: 'completed' } }])

  await acme.connections.delete(id)
  await worker.clock.advance(60 * minute)
  expect(await worker.connectors.operator.sync.runDue()).toMatchObject([{ error: { code: 'CONNECTION_NOT_FOUND' } }])
  expect(await worker.connectors.operator.sync.runDue()).toEqual([])
})

test.each([
  ['nothing', {}],
  ['both', { everyMs: minute, cron: '* * * * *' }],
  ['less than a second', { everyMs: 10 }],
  ['a time zone without a cron expression', { everyMs: minute, timeZone: 'UTC' }],
  ['an expression that is none', { cron: 'every day' }],
  ['an expression that never comes', { cron: '0 0 30 2 *' }],
  ['a time zone that is none', { cron: '0 3 * * *', timeZone: 'Europe/Atlantis' }],
  ['an unknown key', { everyMs: minute, jitter: 5 }],
])('a schedule with %s is refused', async (_, schedule) => {
  const { sync, id } = await scheduledShop()
  await expect(sync.schedule(id, 'orders', schedule as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test('a state key is not scheduled, nor is a foreign connection or a resource that there is not', async () => {
  const { connectors, sync, id } = await scheduledShop()
  const every = { everyMs: minute }
  await expect(sync.schedule(id, 'orders:archived' as never, every)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(sync.schedule(id, 'refunds' as never, every)).rejects.toMatchObject({ code: 'UNKNOWN_RESOURCE' })
  const foreign = connectors.forTenant('globex').sync.schedule(id, 'orders', every)
  await expect(foreign).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

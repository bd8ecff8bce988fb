import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'

const minute = 60_000

/** A shop that nobody scheduled, and what its handler saw. */
async function shop({ prepare = async () => {}, onPage = async () => {} } = {}) {
  const world = await createShopWorld({
    orderCount: 3,
    handlers: {
      'shop.orders': {
        prepare: async () => {
          await prepare()
          return onPage
        },
      },
    },
  })
  const { id } = await world.connect('acme')
  const { sync } = world.connectors.forTenant('acme')
  return { ...world, id, sync, operator: world.connectors.operator.sync }
}

test('a requested run is due at once, runs once, and asking twice is asking once', async () => {
  const { sync, operator, id, clock } = await shop()
  await sync.request(id, 'orders')
  expect(await sync.request(id, 'orders')).toMatchObject({ dueAt: clock.now(), schedule: null })
  expect(await operator.due()).toEqual([
    { tenantId: 'acme', connectionId: id, resource: 'orders', dueAt: clock.now(), isFull: false, isAbandoned: false },
  ])
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'completed', itemCount: 3 } }])
  expect(await operator.due()).toEqual([])
  expect(await operator.runIfDue(id, 'orders')).toBeNull()
  expect(await sync.state(id, 'orders')).toMatchObject({ dueAt: null })
})

test('what is requested while a run is under way runs after it, a full pass as one', async () => {
  const requests: (() => Promise<unknown>)[] = []
  const { sync, operator, id, clock } = await shop({ prepare: async () => void (await requests.pop()?.()) })
  requests.push(async () => {
    await clock.advance(1)
    await sync.request(id, 'orders', { isFull: true })
  })
  await sync.request(id, 'orders')
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'completed' } }])
  expect(await operator.due()).toMatchObject([{ resource: 'orders', isFull: true }])
  expect(await sync.state(id, 'orders')).toMatchObject({ generation: 0 })
  expect(await operator.runIfDue(id, 'orders')).toMatchObject({ result: { status: 'completed', itemCount: 3 } })
  expect(await sync.state(id, 'orders')).toMatchObject({ generation: 1, fullRequestedAt: null, dueAt: null })
})

test('a request for a full pass is not forgotten while somebody else holds the lease', async () => {
  const { sync, operator, id, clock } = await shop()
  const during: string[] = []
  await sync.run(id, 'orders', {
    onPage: {
      prepare: async () => {
        await sync.request(id, 'orders', { isFull: true })
        expect(await operator.due()).toEqual([])
        during.push((await operator.runIfDue(id, 'orders'))?.result?.status ?? 'none')
        return async () => {}
      },
    },
  })
  expect(during).toEqual(['skipped'])
  await clock.advance(1)
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'completed' } }])
  expect(await sync.state(id, 'orders')).toMatchObject({ generation: 1 })
})

test('a request goes before the time of a retry, and its own failure has one', async () => {
  let failures = 2
  const { sync, operator, id, clock } = await shop({
    onPage: async () => {
      failures -= 1
      if (failures >= 0) throw new Error('no room')
    },
  })
  await sync.request(id, 'orders')
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'failed' } }])
  expect(await operator.runDue()).toEqual([])
  await sync.request(id, 'orders')
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'failed' } }])
  await clock.advance(10 * minute)
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'completed' } }])
})

test('a schedule keeps its beat after a request, and one that is paused stays so', async () => {
  const { sync, operator, id, clock } = await shop()
  await sync.schedule(id, 'orders', { everyMs: 15 * minute })
  await sync.pause(id, 'orders')
  await sync.request(id, 'orders')
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'completed' } }])
  expect(await sync.state(id, 'orders')).toMatchObject({ dueAt: null, schedule: { isPaused: true } })
  await sync.resume(id, 'orders')
  await operator.runDue()
  await clock.advance(minute)
  await sync.request(id, 'orders')
  await operator.runDue()
  expect((await sync.state(id, 'orders'))?.dueAt).toEqual(new Date(clock.now().getTime() + 15 * minute))
})

test('a run that was requested goes on when a pause has ended', async () => {
  const { sync, operator, id, clock, connectors } = await shop()
  await connectors.forTenant('acme').connections.pause(id, { forMs: minute })
  await sync.request(id, 'orders')
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'skipped', reason: 'paused' } }])
  expect(await operator.due()).toEqual([])
  await clock.advance(minute + 1)
  expect(await operator.runDue()).toMatchObject([{ result: { status: 'completed' } }])
})

test('a request is refused for what is not there, and for a tenant that it does not belong to', async () => {
  const { sync, id, connectors } = await shop()
  await expect(sync.request(id, 'wishes' as 'orders')).rejects.toMatchObject({ code: 'UNKNOWN_RESOURCE' })
  await expect(sync.request(id, 'orders', { isFull: 1 as never })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  const other = connectors.forTenant('other').sync
  await expect(other.request(id, 'orders')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

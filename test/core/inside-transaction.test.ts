import { describe, expect, test } from 'vitest'
import { isConnectorsError } from '../../src/core/domain/errors.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver, type ShopWorld, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'

type World = ShopWorld<string, unknown>

/** What a handler may be tempted to call. */
interface Reach {
  readonly connectors: World['connectors']
  readonly id: string
  readonly eventId: string
  readonly adapter: Awaited<ReturnType<typeof openAdapter>>
}

const openAdapter = ({ connectors }: Pick<Reach, 'connectors'>, id: string) =>
  connectors.forTenant('acme').connections.adapter(id, shop)

const settings = { url: 'https://shop.test' }
const forbidden: Readonly<Record<string, (reach: Reach) => Promise<unknown>>> = {
  'connections.get': ({ connectors, id }) => connectors.forTenant('acme').connections.get(id),
  'connections.list': ({ connectors }) => connectors.forTenant('acme').connections.list().page(),
  'connections.list, walked': async ({ connectors }) => {
    for await (const _ of connectors.forTenant('acme').connections.list());
  },
  'connections.create': ({ connectors }) =>
    connectors.forTenant('acme').connections.create(shop, { credentials: { token: 't' }, settings }),
  'connections.update': ({ connectors, id }) =>
    connectors.forTenant('acme').connections.update(id, { displayName: 'x' }),
  'connections.updateSettings': ({ connectors, id }) =>
    connectors.forTenant('acme').connections.updateSettings(id, settings),
  'connections.validateSettings': ({ connectors, id }) =>
    connectors.forTenant('acme').connections.validateSettings(id, settings),
  'connections.rotateCredentials': ({ connectors, id }) =>
    connectors.forTenant('acme').connections.rotateCredentials(id, { token: 't' }),
  'connections.rotateWebhookSecret': ({ connectors, id }) =>
    connectors.forTenant('acme').connections.rotateWebhookSecret(id, { secret: 's' }),
  'connections.disable': ({ connectors, id }) => connectors.forTenant('acme').connections.disable(id),
  'connections.enable': ({ connectors, id }) => connectors.forTenant('acme').connections.enable(id),
  'connections.test': ({ connectors, id }) => connectors.forTenant('acme').connections.test(id),
  'connections.delete': ({ connectors, id }) => connectors.forTenant('acme').connections.delete(id),
  'connections.adapter': (reach) => openAdapter(reach, reach.id),
  'a held adapter': ({ adapter }) => adapter.getOrder('o1'),
  'a generator of a held adapter': async ({ adapter }) => {
    for await (const _ of adapter.eachOrder());
  },
  'sync.page': ({ connectors, id }) => connectors.forTenant('acme').sync.page(id, 'orders'),
  'sync.run': ({ connectors, id }) => connectors.forTenant('acme').sync.run(id, 'orders'),
  'sync.full': ({ connectors, id }) => connectors.forTenant('acme').sync.full(id, 'orders'),
  'sync.state': ({ connectors, id }) => connectors.forTenant('acme').sync.state(id, 'orders'),
  'webhooks.receive': ({ connectors, id }) => connectors.forTenant('acme').webhooks.receive(id, shopDelivery('{}')),
  'webhooks.process': ({ connectors, eventId }) => connectors.forTenant('acme').webhooks.process(eventId),
  'webhooks.processDue': ({ connectors }) => connectors.forTenant('acme').webhooks.processDue(),
  'webhooks.list': ({ connectors }) => connectors.forTenant('acme').webhooks.list().page(),
  'webhooks.get': ({ connectors, eventId }) => connectors.forTenant('acme').webhooks.get(eventId),
  'executions.list': ({ connectors }) => connectors.forTenant('acme').executions.list().page(),
  'operator.connections.get': ({ connectors, id }) => connectors.operator.connections.get(id),
  'operator.connections.disable': ({ connectors, id }) => connectors.operator.connections.disable(id),
  'operator.sync.run': ({ connectors, id }) => connectors.operator.sync.run(id, 'orders'),
  'operator.webhooks.processDue': ({ connectors }) => connectors.operator.webhooks.processDue(),
  'operator.executions.list': ({ connectors }) => connectors.operator.executions.list().page(),
  'connectors.transaction': ({ connectors }) => connectors.transaction(async () => 'nested'),
  'after a pause': async ({ connectors, id }) => {
    await new Promise((resolve) => setImmediate(resolve))
    return connectors.operator.connections.get(id)
  },
}

const isRefusal = (error: unknown) =>
  isConnectorsError(error, 'INSIDE_TRANSACTION') && error.message.includes('prepare') && error.message.includes('`tx`')

describe.each(testStores)('on $name, inside of a handler', { timeout: 20_000 }, ({ open }) => {
  /** A world whose handlers write a row and then do what the test says. */
  async function worldWith() {
    const store = await open()
    const temptation = { of: async (_reach: Reach): Promise<unknown> => undefined }
    let reach: Reach | undefined
    const handle = async (tx: unknown, key: string) => {
      await store.write(tx, key)
      if (reach !== undefined) await temptation.of(reach)
    }
    const world = await createShopWorldOver(store.repositories, {
      orderCount: 1,
      handlers: { 'shop.orders': ({ tx }) => handle(tx, 'page') },
    })
    const { connectors } = world
    connectors.webhooks.handle('order.created', ({ tx }) => handle(tx, 'webhook'))
    const { id } = await world.connect('acme')
    const receive = async (orderId: string) => {
      const body = JSON.stringify({ type: 'order.created', orderId })
      const result = await connectors.operator.webhooks.receive(id, shopDelivery(body))
      if (result.status !== 'accepted') throw new Error(result.status)
      return result.event.id
    }
    const eventId = await receive('another')
    reach = { connectors, id, eventId, adapter: await openAdapter({ connectors }, id) }
    return { ...world, store, id, temptation, reach, receive }
  }

  test('every verb is refused and names prepare, and nothing is written', async () => {
    const { connectors, id, temptation, store, server, receive } = await worldWith()
    const eventId = await receive('o1')
    server.requests.length = 0
    const startedAt = performance.now()
    for (const [name, call] of Object.entries(forbidden)) {
      temptation.of = call
      const page = await connectors.operator.sync.run(id, 'orders')
      expect(page, name).toMatchObject({ status: 'failed', kind: 'handler', pageCount: 0 })
      expect(page.status === 'failed' && isRefusal(page.error), name).toBe(true)

      const webhook = await connectors.operator.webhooks.process(eventId)
      expect(webhook.status === 'failed' || webhook.status === 'dead', name).toBe(true)
      expect('error' in webhook && webhook.error, name).toContain('prepare')
    }
    // Far below the 30 s of the transaction limit for each of them: nothing ever waited for itself.
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(await store.keys()).toEqual([])
    expect(server.requests.filter((request) => request !== 'GET /orders?offset=0')).toEqual([])
    expect(await connectors.operator.connections.get(id)).toMatchObject({ isEnabled: true, displayName: 'Test shop' })
  })

  test('a refusal that is swallowed rolls back all the same', async () => {
    const { connectors, id, temptation, store, receive } = await worldWith()
    const errors: unknown[] = []
    temptation.of = ({ connectors: held }) =>
      held.operator.connections.get(id).catch((error: unknown) => void errors.push(error))
    const page = await connectors.operator.sync.run(id, 'orders')
    expect(page).toMatchObject({ status: 'failed', kind: 'handler', error: { code: 'INSIDE_TRANSACTION' } })
    expect(await connectors.operator.webhooks.process(await receive('o1'))).toMatchObject({ status: 'failed' })
    expect(errors.map(isRefusal)).toEqual([true, true])
    expect(await store.keys()).toEqual([])
  })

  test('a call that nobody waits for is refused, and rolls back', async () => {
    const { connectors, id, temptation, store } = await worldWith()
    const errors: unknown[] = []
    temptation.of = async ({ connectors: held }) => {
      held.operator.connections.disable(id).catch((error: unknown) => void errors.push(error))
    }
    expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'handler' })
    expect(errors.map(isRefusal)).toEqual([true])
    expect(await store.keys()).toEqual([])
    expect(await connectors.operator.connections.get(id)).toMatchObject({ isEnabled: true })
  })

  test('connectors.transaction refuses other verbs in the same way', async () => {
    const { connectors, id, store } = await worldWith()
    const refused = connectors.transaction(async ({ tx }) => {
      await store.write(tx, 'mine')
      await connectors.operator.connections.get(id)
    })
    await expect(refused).rejects.toSatisfy(isRefusal)
    const swallowed = connectors.transaction(async ({ tx }) => {
      await store.write(tx, 'mine')
      await connectors.operator.connections.get(id).catch(() => {})
    })
    await expect(swallowed).rejects.toSatisfy(isRefusal)
    expect(await store.keys()).toEqual([])
  })

  test('what a handler left running may call the facade once the handler has ended', async () => {
    const { connectors, id, temptation, store } = await worldWith()
    let goOn = () => {}
    const ended = new Promise<void>((resolve) => {
      goOn = resolve
    })
    let leftover: Promise<unknown> = Promise.resolve()
    temptation.of = async ({ connectors: held }) => {
      leftover = ended.then(() => held.operator.connections.get(id))
    }
    expect(await connectors.operator.sync.run(id, 'orders')).toMatchObject({ status: 'completed' })
    goOn()
    expect(await leftover).toMatchObject({ id })
    expect(await store.keys()).toEqual(['page'])
  })

  test('other work of the process goes on beside an open transaction', async () => {
    const { connectors, id, temptation } = await worldWith()
    let isInside = () => {}
    const inside = new Promise<void>((resolve) => {
      isInside = resolve
    })
    let beside: Promise<unknown> = Promise.resolve()
    temptation.of = async () => {
      isInside()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const running = connectors.operator.sync.run(id, 'orders')
    await inside
    beside = connectors.operator.connections.get(id)
    expect(await running).toMatchObject({ status: 'completed' })
    expect(await beside).toMatchObject({ id })
  })
})

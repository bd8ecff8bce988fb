import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { testStores } from '../support/test-stores.ts'
import { unreliableStore } from '../support/unreliable-store.ts'

const input = { credentials: { token: 'token-of-acme' }, settings: { url: 'https://shop.test' } }

describe.each(testStores)('on $name', ({ open }) => {
  test('writes of the user and ours commit together, and the events come after', async () => {
    const store = await open()
    const { connectors, events } = await createShopWorldOver(store.repositories)
    const id = await connectors.transaction(async ({ tx, tenant }) => {
      await store.write(tx, 'mine')
      const { connections } = tenant('acme')
      const created = await connections.create(shop, input)
      await connections.update(created.id, { displayName: 'Renamed' })
      await connections.disable(created.id, { reason: 'not yet' })
      // Inside, our own writes are seen.
      expect(await connections.get(created.id)).toMatchObject({ displayName: 'Renamed', isEnabled: false })
      expect((await connections.list().page()).items).toHaveLength(1)
      expect(events).toEqual([])
      return created.id
    })
    expect(await store.keys()).toEqual(['mine'])
    expect(await connectors.forTenant('acme').connections.get(id)).toMatchObject({ disabledReason: 'not yet' })
    expect(events.map(({ name }) => name)).toEqual([
      'connection.created',
      'connection.statusChanged',
      'connection.disabled',
    ])
  })

  test('an error rolls everything back, drops the events and comes out as it is', async () => {
    const store = await open()
    const { connectors, events } = await createShopWorldOver(store.repositories)
    const failure = new Error('changed my mind')
    const work = connectors.transaction(async ({ tx, tenant }) => {
      await store.write(tx, 'mine')
      await tenant('acme').connections.create(shop, input)
      throw failure
    })
    await expect(work).rejects.toBe(failure)
    expect(await store.keys()).toEqual([])
    expect((await connectors.operator.connections.list().page()).items).toEqual([])
    expect(events).toEqual([])
  })

  test('work that is run again happens once, and tells once', async () => {
    const store = await open()
    const { connectors, events } = await createShopWorldOver(
      unreliableStore(store.repositories, { runsAgain: () => true }),
    )
    let runs = 0
    await connectors.transaction(async ({ tx, tenant }) => {
      runs += 1
      await store.write(tx, 'mine')
      await tenant('acme').connections.create(shop, input)
    })
    expect(runs).toBe(2)
    expect(await store.keys()).toEqual(['mine'])
    expect(events.map(({ name }) => name)).toEqual(['connection.created'])
    expect((await connectors.operator.connections.list().page()).items).toHaveLength(1)
  })

  test('every verb of the facade is refused inside, at once and with the way out', async () => {
    const store = await open()
    const { connectors, connect, server } = await createShopWorldOver(store.repositories, {
      handlers: { 'shop.orders': async () => {} },
    })
    const { id } = await connect('acme')
    const { connections, sync, webhooks, executions } = connectors.forTenant('acme')
    const adapter = await connections.adapter(id, shop)
    const sent = server.requests.length
    const verbs = [
      () => connectors.transaction(async () => {}),
      () => connections.create(shop, input),
      () => connections.get(id),
      () => connections.list().page(),
      () => connections.update(id, { displayName: 'x' }),
      () => connections.updateSettings(id, input.settings),
      () => connections.validateSettings(id, input.settings),
      () => connections.rotateCredentials(id, input.credentials),
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
      () => connectors.operator.connections.get(id),
    ]
    const work = connectors.transaction(async ({ tx }) => {
      await store.write(tx, 'mine')
      for (const verb of verbs) {
        await expect(verb(), String(verb)).rejects.toMatchObject({
          code: 'INSIDE_TRANSACTION',
          message: expect.stringContaining('`tx`'),
        })
      }
    })
    // A refusal that the work swallowed still rolls it back: what it wanted did not happen.
    await expect(work).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
    expect(await store.keys()).toEqual([])
    expect(server.requests.length).toBe(sent)
    await expect(connections.get(id)).resolves.toMatchObject({ displayName: 'Test shop' })
  })
})

test('a tenant inside sees no connection of another', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  await connectors.transaction(async ({ tenant }) => {
    const { connections } = tenant('globex')
    await expect(connections.get(id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    await expect(connections.delete(id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    expect((await connections.list().page()).items).toEqual([])
    expect(() => tenant('')).toThrow(expect.objectContaining({ code: 'INVALID_TENANT_ID' }))
  })
})

test.each([
  ['disable', 'CONNECTION_NOT_OPERATIONAL'],
  ['delete', 'CONNECTION_NOT_FOUND'],
] as const)('a %s in a transaction reaches adapters that are held with the commit, not before', async (verb, code) => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  await adapter.ping()
  const rollback = new Error('rolled back')
  await connectors
    .transaction(async ({ tenant }) => {
      await tenant('acme').connections[verb](id)
      throw rollback
    })
    .catch((error: unknown) => expect(error).toBe(rollback))
  await adapter.ping()
  await connectors.transaction(async ({ tenant }) => {
    await tenant('acme').connections[verb](id)
  })
  await expect(adapter.ping()).rejects.toMatchObject({ code })
})

test('what a transaction wrote is seen even if the answer to its commit was lost', async () => {
  let losesAnswer = false
  const { connectors, connect } = await createShopWorldOver(
    unreliableStore(memoryRepositories<string>(), { losesAnswer: () => losesAnswer }),
  )
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  await adapter.ping()
  losesAnswer = true
  const work = connectors.transaction(async ({ tenant }) => {
    await tenant('acme').connections.disable(id)
  })
  await expect(work).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await expect(adapter.ping()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
})

test('new credentials from a transaction are used from the commit on', async () => {
  const { connectors, connect, server, eventsOf } = await createShopWorld()
  const { id } = await connect('acme')
  const adapter = await connectors.forTenant('acme').connections.adapter(id, shop)
  server.tokens.clear()
  server.tokens.add('new-token-of-acme')
  await connectors.transaction(async ({ tenant }) => {
    await tenant('acme').connections.rotateCredentials(id, { token: 'new-token-of-acme' })
    expect(eventsOf('credentials.rotated')).toEqual([])
  })
  await adapter.ping()
  expect(eventsOf('credentials.rotated')).toMatchObject([{ connectionId: id, credentialsVersion: 2 }])
})

test('what is begun inside and outlives the transaction is not inside any more', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  let later: Promise<unknown> = Promise.resolve()
  let go = () => {}
  const isOver = new Promise<void>((resolve) => {
    go = resolve
  })
  await connectors.transaction(async () => {
    later = isOver.then(() => connectors.forTenant('acme').connections.get(id))
  })
  go()
  await expect(later).resolves.toMatchObject({ id })
})

test('work that takes longer than transaction.timeoutMs is rolled back, and the error names the option', async () => {
  const repositories = memoryRepositories<string>()
  const { connectors, events } = await createShopWorldOver(repositories, { transaction: { timeoutMs: 20 } })
  const work = connectors.transaction(async ({ tx, tenant }) => {
    tx.table('rows').set('mine', 1)
    await tenant('acme').connections.create(shop, input)
    await new Promise(() => {})
  })
  await expect(work).rejects.toMatchObject({
    code: 'HANDLER_TIMEOUT',
    message: expect.stringContaining('transaction.timeoutMs'),
  })
  expect(repositories.table('rows').size).toBe(0)
  expect((await connectors.operator.connections.list().page()).items).toEqual([])
  expect(events).toEqual([])
})

import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { WebhookSupport } from '../../src/core/domain/provider.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { arrayElements, challenges } from '../../src/providers/kit/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type ShopEvent, shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery, testKey, webhookSecret } from '../support/shop-world.ts'

const appSecret = 'secret-of-the-app'
const oldSecret = 'old-secret-of-the-app'

/** The shop as an app: a delivery is about the accounts that it names. */
const appShop: typeof shop = {
  ...shop,
  webhooks: {
    ...(shop.webhooks as WebhookSupport<ShopEvent>),
    challenge: challenges.dropbox,
    split: ({ rawBody }) => arrayElements(rawBody),
    accounts: ({ rawBody }) => (JSON.parse(Buffer.from(rawBody).toString()) as { accounts: string[] }).accounts,
  },
}

const order = (accounts: unknown, orderId = 'o1') => JSON.stringify({ type: 'order.created', orderId, accounts })
const signed = (body: string, secret = appSecret) => shopDelivery(body, { secret })

async function appWorld(repositories = memoryRepositories<string>()) {
  const world = await createShopWorldOver(repositories, {
    providers: [appShop],
    webhooks: { apps: { testshop: { secrets: [appSecret, oldSecret] } } },
  })
  const { connections, webhooks } = world.connectors.operator
  const connect = async (tenantId: string, account: string) => {
    const { id } = await world.connect(tenantId, { test: false })
    await connections.setExternalAccount(id, account)
    return id
  }
  const post = (body: string, { secret = appSecret, address = 'app/testshop' } = {}) => {
    const { headers, body: bytes } = signed(body, secret)
    return world.connectors.handler(
      new Request(`https://app.test/webhooks/${address}`, { method: 'POST', headers, body: bytes }),
    )
  }
  const rows = () => webhooks.list().all()
  return { ...world, webhooks, connections, connect, post, rows }
}

test('a delivery to the address of an app becomes one row for each connection with the account, of every tenant', async () => {
  const { webhooks, connections, connect, rows, eventsOf } = await appWorld()
  const mine = await connect('acme', 'A1')
  const second = await connect('acme', 'A1')
  const theirs = await connect('globex', 'A1')
  await connect('globex', 'a1')
  await connect('initech', 'B2')
  // It is kept for when the connection is enabled again.
  await connections.disable(theirs)
  const result = await webhooks.receiveForApp('testshop', signed(order(['A1', 'A1', '', 7])))
  expect(result).toMatchObject({ status: 'accepted', accounts: ['A1'] })
  const stored = (await rows()).map(({ connectionId, tenantId }) => [tenantId, connectionId])
  const expected = [
    ['acme', mine],
    ['acme', second],
    ['globex', theirs],
  ]
  expect(stored.toSorted()).toEqual(expected.toSorted())
  expect(eventsOf('webhook.received')).toHaveLength(3)

  // Again: nothing is stored, each row has seen it.
  expect(await webhooks.receiveForApp('testshop', signed(order(['A1', 'A1', '', 7])))).toMatchObject({
    status: 'duplicate',
  })
  expect((await rows()).map(({ deliveries }) => deliveries)).toEqual([2, 2, 2])
})

test('a tenant that connects later gets the same delivery when it comes again, the others do not get it twice', async () => {
  const { webhooks, connect, rows } = await appWorld()
  await connect('acme', 'A1')
  await webhooks.receiveForApp('testshop', signed(order(['A1'])))
  const late = await connect('globex', 'A1')
  const again = await webhooks.receiveForApp('testshop', signed(order(['A1'])))
  expect(again).toMatchObject({ status: 'accepted', events: [{ isNew: false }, { isNew: true, connectionId: late }] })
  expect(await rows()).toHaveLength(2)
})

test('several events in one delivery go to the accounts of each', async () => {
  const { webhooks, connect, rows } = await appWorld()
  const a = await connect('acme', 'A1')
  const b = await connect('globex', 'B2')
  await webhooks.receiveForApp(
    'testshop',
    signed(`[${order(['A1'], 'o1')},${order(['B2'], 'o2')},${order(['A1', 'B2'], 'o3')}]`),
  )
  const orders = async (id: string) =>
    (await webhooks.list({ connectionId: id }).all()).map(({ payload }) => (payload as { orderId: string }).orderId)
  expect((await orders(a)).toSorted()).toEqual(['o1', 'o3'])
  expect((await orders(b)).toSorted()).toEqual(['o2', 'o3'])
  expect(await rows()).toHaveLength(4)
})

test('the handler answers 200 and processes each row', async () => {
  const { connect, post, connectors } = await appWorld()
  const ids = [await connect('acme', 'A1'), await connect('globex', 'A1')]
  const handled = new Map<string, number>()
  const both = new Promise<void>((resolve) => {
    connectors.webhooks.handle('order.created', async ({ connection }) => {
      handled.set(connection.id, (handled.get(connection.id) ?? 0) + 1)
      if (handled.size === ids.length) resolve()
    })
  })
  expect((await post(order(['A1']))).status).toBe(200)
  await both
  expect([...handled.keys()].toSorted()).toEqual(ids.toSorted())
})

test('a genuine delivery about nobody here is 200, announced, and not stored', async () => {
  const { connect, connections, connectors, post, rows, eventsOf } = await appWorld()
  const gone = await connect('acme', 'A1')
  await connectors.forTenant('acme').connections.delete(gone)
  const unset = await connect('acme', 'A1')
  await connections.setExternalAccount(unset, null)
  for (const body of [order(['A1']), order([]), order('A1 is no list'), order(null), '[]', 'not json']) {
    expect((await post(body)).status).toBe(200)
  }
  expect(await rows()).toEqual([])
  expect(eventsOf('webhook.appUnmatched')).toHaveLength(6)
  expect(eventsOf('webhook.appUnmatched')[0]).toEqual({
    at: expect.any(Date),
    provider: { family: 'shop', name: 'testshop' },
    accounts: ['A1'],
  })
})

test('the secrets of an app and of a connection are never taken for each other', async () => {
  const { connect, post, rows, eventsOf } = await appWorld()
  const id = await connect('acme', 'A1')
  expect((await post(order(['A1']), { secret: webhookSecret })).status).toBe(401)
  expect((await post(order(['A1']), { address: id })).status).toBe(401)
  expect((await post(order(['A1']), { address: `${id}/testshop` })).status).toBe(401)
  expect(eventsOf('webhook.appRejected')).toMatchObject([
    { provider: { name: 'testshop' }, reason: expect.any(String) },
  ])
  expect((await rows()).filter(({ status }) => status !== 'rejected')).toEqual([])
  // The one that is on its way out still counts.
  expect((await post(order(['A1']), { secret: oldSecret })).status).toBe(200)
  expect((await rows()).filter(({ status }) => status !== 'rejected')).toHaveLength(1)
})

test('a forged delivery, an unknown provider and an app that nobody configured look the same', async () => {
  const { post } = await appWorld()
  const answers = await Promise.all([
    post(order(['A1']), { secret: 'wrong' }),
    post(order(['A1']), { address: 'app/unheard-of' }),
    post(order(['A1']), { address: 'app/shop.unheard-of' }),
    post(order(['A1']), { address: 'app' }),
  ])
  const seen = await Promise.all(answers.map(async (each) => [each.status, [...each.headers], await each.text()]))
  expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(1)
  expect(answers[0]?.status).toBe(401)
  expect((await post(order(['A1']), { address: 'app/shop.testshop' })).status).toBe(200)
})

test('the address of an app answers who only asks whether somebody is there, refuses other GETs, and what is too large', async () => {
  const { connectors, post, eventsOf } = await appWorld()
  const get = (query: string) => connectors.handler(new Request(`https://app.test/webhooks/app/testshop${query}`))
  const asked = await get('?challenge=abc')
  expect([asked.status, await asked.text()]).toEqual([200, 'abc'])
  expect((await get('')).status).toBe(405)
  expect((await connectors.handler(new Request('https://app.test/webhooks/app/unheard-of?challenge=abc'))).status).toBe(
    405,
  )
  expect((await post('x'.repeat(1_048_577))).status).toBe(413)
  expect(eventsOf('webhook.appRejected')).toEqual([])
})

test('a store that goes away half-way is 503; when the delivery comes again only the missing rows are made', async () => {
  const repositories = memoryRepositories<string>()
  let left = Number.POSITIVE_INFINITY
  const { connect, post, rows } = await appWorld({
    ...repositories,
    webhookEvents: {
      ...repositories.webhookEvents,
      insertIfAbsent: async (event) => {
        left -= 1
        if (left < 0) throw new ConnectorsError('STORE_UNAVAILABLE', 'gone')
        return repositories.webhookEvents.insertIfAbsent(event)
      },
    },
  })
  for (let made = 0; made < 60; made += 1) await connect(`tenant-${made}`, 'A1')
  left = 30
  const refused = await post(order(['A1']))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])
  expect(await rows()).toHaveLength(30)
  left = Number.POSITIVE_INFINITY
  expect((await post(order(['A1']))).status).toBe(200)
  const stored = await rows()
  expect(new Set(stored.map(({ connectionId }) => connectionId)).size).toBe(60)
  expect(stored).toHaveLength(60)
})

test('many connections with one account are read page by page', async () => {
  const repositories = memoryRepositories<string>()
  const limits: number[] = []
  const { webhooks, connect, rows } = await appWorld({
    ...repositories,
    connections: {
      ...repositories.connections,
      list: (query) => {
        limits.push(query.limit)
        return repositories.connections.list(query)
      },
    },
  })
  for (let made = 0; made < 110; made += 1) await connect('acme', 'A1')
  limits.length = 0
  const result = await webhooks.receiveForApp('testshop', signed(order(['A1'])))
  expect('events' in result && result.events.length).toBe(110)
  expect(limits.length).toBeGreaterThan(2)
  expect(Math.max(...limits)).toBeLessThanOrEqual(100)
  expect(new Set((await rows()).map(({ connectionId }) => connectionId)).size).toBe(110)
})

test('no tenant can say which account his connection is to', async () => {
  const { connectors, connect } = await appWorld()
  const id = await connect('acme', 'A1')
  const { connections } = connectors.forTenant('acme')
  expect('setExternalAccount' in connections).toBe(false)
  const input = { credentials: { token: 't' }, settings: { url: 'https://x.test' }, externalAccountId: 'B2' } as const
  await expect(connections.create(connectors.providers.get('testshop'), input as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
  await expect(connections.update(id, { displayName: 'x', externalAccountId: 'B2' } as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
  // Nor does he lose it, or win another, by new credentials: they are taken for those of the same account.
  await connections.rotateCredentials(id, { token: 'of-another-account' })
  expect(await connections.get(id)).toMatchObject({ externalAccountId: 'A1' })
  expect((await connections.list({ externalAccountId: 'A1' }).all()).map((each) => each.id)).toEqual([id])
})

test.each(['', 7, undefined, 'x\0', 'x'.repeat(191), {}])('%j is no external account', async (account) => {
  const { connections, connect } = await appWorld()
  const id = await connect('acme', 'A1')
  await expect(connections.setExternalAccount(id, account as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(connections.setExternalAccount('nothing', 'A1')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
})

test('apps that can not be are refused at creation, without their secrets', () => {
  const support = appShop.webhooks as WebhookSupport<ShopEvent>
  const { accounts: _accounts, ...withoutAccounts } = support
  const create = (apps: object, webhooks: typeof shop.webhooks = support) => {
    try {
      createConnectors(memoryRepositories<string>(), {
        providers: [{ ...appShop, webhooks }],
        encryption: { keys: [{ id: 'k', key: testKey() }] },
        clock: createFakeClock(),
        webhooks: { apps: apps as never },
      })
    } catch (error) {
      return error as ConnectorsError
    }
    return null
  }
  const secrets = ['top-secret-of-the-app']
  expect(create({ testshop: { secrets } })).toBeNull()
  const refused = [
    create({ unheard: { secrets } }),
    create({ testshop: { secrets: [] } }),
    create({ testshop: { secrets: [''] } }),
    create({ testshop: { secrets: secrets[0] } }),
    create({ testshop: { secrets, secret: secrets[0] } }),
    create({ testshop: { secrets: ['top-secret-of-the-app with\0'] } }),
    create({ testshop: { secrets }, 'shop.testshop': { secrets } }),
    create({ testshop: { secrets } }, null),
    create({ testshop: { secrets } }, withoutAccounts as never),
    create({ testshop: { secrets } }, { ...support, signature: { kind: 'unsigned' } }),
  ]
  for (const error of refused) {
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' })
    expect(`${error?.message}${JSON.stringify(error)}`).not.toContain('top-secret')
  }
})

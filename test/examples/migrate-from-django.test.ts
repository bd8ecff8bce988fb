import { readFile } from 'node:fs/promises'
import { createClient } from '@libsql/client'
import { memoryRepositories } from 'bapp-connectors/memory'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Query } from '../../examples/migrate-from-django/django-rows.ts'
import { migrate } from '../../examples/migrate-from-django/migrate.ts'
import { openPostgres } from '../../examples/prisma-postgresql.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import fernet from '../fixtures/fernet/tokens.json' with { type: 'json' }
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery, testKey, webhookSecret } from '../support/shop-world.ts'

const ddl = (name: string) => readFile(new URL(`../fixtures/django/${name}.sql`, import.meta.url), 'utf8')
const token = fernet.tokens[0]?.token ?? ''
const at = '2026-01-31 12:00:00'
const createdBody = '{"id":"evt_1","type":"order.created","orderId":"o1"}'
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** What Django's application stored; `config` has the address of a shop. */
const rows = (url: string) => `
INSERT INTO connectors_connection VALUES
  (1, 'shop', 'testshop', 'Main store', '${token}', ${quoted(JSON.stringify({ url, currency: 'RON', webhook_secret: webhookSecret }))}, true, true, 2, '${at}', '', '${at}', '${at}', 7),
  (2, 'shop', 'testshop', '', '${token}', ${quoted(JSON.stringify({ url: 'no address' }))}, false, false, 3, NULL, 'Too many failures', '${at}', '${at}', 8),
  (3, 'courier', 'gone', 'Courier', '${token}', '{}', true, true, 0, NULL, '', '${at}', '${at}', 8);
INSERT INTO connectors_syncstate VALUES
  (1, 'orders', '20', '2026-02-01 00:00:00', NULL, 'completed', 0, '', 1),
  (2, 'orders', '10', NULL, NULL, 'failed', 2, 'boom', 2),
  (3, 'shipments', '5', NULL, NULL, 'idle', 0, '', 1);
INSERT INTO connectors_webhookevent VALUES
  (1, 'testshop', 'order.created', 'k1', ${quoted(createdBody)}, '{"X-Shop-Signature": "0123", "Content-Type": "application/json"}', false, 'processed', '2026-02-01 01:00:00', '', '${at}', 1),
  (2, 'testshop', 'order.paid', 'k2', '{"id":"evt_2","type":"order.paid","orderId":"o1","amount":"5"}', '{}', false, 'failed', NULL, 'see https://x.test/y?token=hunter2', '${at}', 1),
  (3, 'testshop', 'order.created', 'k3', '{}', '{}', true, 'received', NULL, '', '${at}', NULL);
INSERT INTO connectors_executionlog VALUES
  (1, 'GET ${url}/orders?key=hunter2', 'get', '${url}/orders?key=hunter2', NULL, 200, '{"token":"hunter2"}', 342, '', '${at}', 1),
  (2, 'GET ${url}/me', 'GET', '${url}/me', NULL, NULL, NULL, 10000, 'timed out', '${at}', 2),
  (3, 'GET https://courier.test', 'GET', 'https://courier.test', NULL, 200, NULL, 3, '', '${at}', 3);
`

interface Django {
  readonly query: Query
  readonly run: (script: string) => Promise<unknown>
}

const databases: readonly {
  readonly name: string
  readonly open: () => Promise<{ readonly django: Django; readonly repositories: Repositories<string, unknown> }>
}[] = [
  {
    name: 'SQLite, into memory',
    async open() {
      const client = createClient({ url: ':memory:' })
      onTestFinished(() => client.close())
      await client.executeMultiple(await ddl('sqlite'))
      const django = {
        query: async (sql: string) => (await client.execute(sql)).rows,
        run: (script: string) => client.executeMultiple(script),
      }
      return { django, repositories: memoryRepositories<string>() }
    },
  },
  {
    name: 'PostgreSQL, by Prisma into another schema',
    async open() {
      const database = await createPostgresDatabase()
      const { prisma, repositories } = openPostgres(database.url)
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      onTestFinished(async () => {
        await prisma.$disconnect()
        await client.end()
        await database.drop()
      })
      for (const id of ['company-7', 'company-8']) await prisma.tenant.create({ data: { id } })
      // The tables of both would have the same names.
      await client.query(
        `CREATE SCHEMA django; SET search_path TO django; SET TIME ZONE 'UTC'; ${await ddl('postgresql')}`,
      )
      const django = {
        query: async (sql: string) => (await client.query(sql)).rows,
        run: (sql: string) => client.query(sql),
      }
      return { django, repositories }
    },
  },
]

// Told apart by an id in the signed body, as Stripe's and those of Standard Webhooks.
const provider = { ...shop, webhooks: { ...shop.webhooks, deliveryId: { body: 'id' } } } as typeof shop

describe.each(databases)('from $name', ({ open }) => {
  async function moved() {
    const { django, repositories } = await open()
    const keys = [
      { id: 'new', key: testKey() },
      { id: 'django', fernet: fernet.key },
    ]
    const world = await createShopWorldOver(repositories, {
      providers: [provider],
      encryption: { keys },
      orderCount: 25,
      handlers: {},
    })
    world.server.tokens.add('sk-secret123')
    await django.run(rows(world.server.url))
    const again = () =>
      migrate({
        query: django.query,
        repositories,
        connectors: world.connectors,
        providers: [provider],
        toTenantId: (company) => `company-${company}`,
        toCursor: (cursor) => Number(cursor),
        now: world.clock.now(),
      })
    const tallies = await again()
    const tenant = world.connectors.forTenant('company-7')
    const [connection] = await tenant.connections.list().all()
    if (connection === undefined) throw new Error(JSON.stringify(tallies))
    return { ...world, repositories, tallies, again, tenant, connection, id: connection.id }
  }

  test('all four tables arrive, and go on where they were', async () => {
    const { tallies, tenant, connection, id, connectors, repositories, again } = await moved()
    expect(tallies).toMatchObject({
      connections: {
        moved: 1,
        problems: [
          { id: '2', problem: expect.stringContaining('url') },
          { id: '3', problem: expect.stringContaining('courier/gone') },
        ],
      },
      syncStates: { moved: 2, problems: [{ id: '3' }] },
      webhookEvents: { moved: 2, problems: [{ id: '3' }] },
      executionLogs: { moved: 2, problems: [{ id: '3' }] },
    })
    expect(connection).toMatchObject({
      displayName: 'Main store',
      settings: { currency: 'RON' },
      isOperational: true,
      authFailureCount: 2,
      createdAt: new Date('2026-01-31T12:00:00Z'),
    })
    expect(JSON.stringify(connection)).not.toContain(webhookSecret)
    const [other] = await connectors.forTenant('company-8').connections.list().all()
    expect(other).toMatchObject({ displayName: 'Test shop', isEnabled: false, disabledReason: 'Too many failures' })

    // Credentials open, by the token that Python made, and a cursor goes on.
    expect(await tenant.connections.test(id)).toMatchObject({ status: 'connected' })
    expect(await tenant.sync.state(id, 'orders')).toMatchObject({
      cursor: '20',
      status: 'completed',
      lastSyncAt: new Date('2026-02-01T00:00:00Z'),
    })
    const items: unknown[] = []
    await tenant.sync.run(id, 'orders', { onPage: async (page) => void items.push(...page.items) })
    expect(items).toMatchObject([{ id: 'o21' }, { id: 'o22' }, { id: 'o23' }, { id: 'o24' }, { id: 'o25' }])

    // The audit trail, without what should never have been in it.
    const logs = (await tenant.executions.list().all()).filter(({ durationMs }) => durationMs === 342)
    expect(logs).toMatchObject([{ method: 'GET', responseStatus: 200, responsePayload: null, connectionId: id }])
    const stored = [logs, await tenant.webhooks.list().all(), tallies]
    expect(JSON.stringify(stored)).not.toContain('hunter2')

    // A second time nothing is moved, and nothing is lost that happened meanwhile.
    expect(await again()).toMatchObject({
      connections: { moved: 0, known: 1 },
      syncStates: { moved: 0, known: 2 },
      webhookEvents: { moved: 0, known: 2 },
      executionLogs: { moved: 0, known: 2 },
    })
    expect(await tenant.sync.state(id, 'orders')).toMatchObject({ cursor: '25' })

    expect(await connectors.operator.credentials.reencrypt()).toMatchObject({ status: 'completed' })
    await connectors.operator.credentials.assertUnused('django')
    const after = await createShopWorldOver(repositories, { encryption: { keys: [{ id: 'new', key: testKey() }] } })
    expect(await after.connectors.forTenant('company-7').connections.test(id)).toMatchObject({ status: 'connected' })
  })

  test('what was processed stays so, what was not waits for somebody to replay it', async () => {
    const { tenant, id, connectors } = await moved()
    const handled: string[] = []
    connectors.webhooks.handle('order.*', async ({ event }) => void handled.push(`${event.type} ${event.orderId}`))
    expect(await tenant.webhooks.receive(id, shopDelivery(createdBody))).toMatchObject({ status: 'duplicate' })
    await connectors.operator.webhooks.processDue()
    expect(handled).toEqual([])
    const events = await tenant.webhooks.list().all()
    expect(events.toSorted((a, b) => a.eventType.localeCompare(b.eventType))).toMatchObject([
      {
        status: 'processed',
        deliveries: 2,
        headers: { 'content-type': 'application/json' },
        processedAt: new Date('2026-02-01T01:00:00Z'),
      },
      { status: 'dead', error: 'Django left it as failed: see https://x.test/y', deliveries: 1 },
    ])
    expect(JSON.stringify(events)).not.toContain('0123')
    for (const { id: event, status } of events) if (status === 'dead') await tenant.webhooks.replay(event)
    await connectors.operator.webhooks.processDue()
    expect(handled).toEqual(['order.paid o1'])
  })
})

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Prisma } from '../../../generated/prisma-postgresql/client/client.ts'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { pooledDatabases } from '../../support/pooled-databases.ts'
import type { TestDatabase } from '../../support/postgres-database.ts'
import { createShopWorldOver } from '../../support/shop-world.ts'
import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts'

describe.each(pooledDatabases)('on $name', ({ missing, create, connect }) => {
  let database: TestDatabase
  beforeAll(async () => {
    if (missing === null) database = await create()
  })
  afterAll(() => database?.drop())

  /** A connection with 25 orders (three pages), and a library whose line to the database is a proxy. */
  async function worldBehindProxy() {
    const direct = connect(database.url)
    const tenantId = `acme ${crypto.randomUUID()}`
    await direct.tenant.create({ data: { id: tenantId } })
    const near = await createShopWorldOver(prismaRepositories(direct), { orderCount: 25 })
    const { id } = await near.connect(tenantId)

    const line = new URL(database.url)
    const proxy: TcpProxy = await tcpProxy(line.hostname, Number(line.port))
    onTestFinished(proxy.close)
    line.port = String(proxy.port)
    let calls = 0
    const next = { call: () => {} }
    const far = await createShopWorldOver(prismaRepositories(connect(line.href)), {
      handlers: {
        // A page that came twice would meet its own rows.
        'shop.orders': async ({ items, tx }) => {
          calls += 1
          next.call()
          await writeRows(tx, items)
        },
      },
    })
    const writeRows = async (tx: Prisma.TransactionClient, items: readonly { readonly id: string }[]) => {
      for (const item of items) await tx.tenant.create({ data: { id: `${tenantId} ${item.id}` } })
    }
    const written = async () => (await direct.tenant.findMany({ where: { id: { startsWith: `${tenantId} ` } } })).length
    const { sync } = far.connectors.forTenant(tenantId)
    near.server.requests.length = 0
    return { ...far, server: near.server, proxy, id, sync, written, calls: () => calls, next }
  }

  test.skipIf(missing !== null)(
    `pages whose COMMITs are never answered are neither repeated nor skipped${missing === null ? '' : ` (${missing})`}`,
    async () => {
      const { sync, id, proxy, server, written, calls, eventsOf } = await worldBehindProxy()
      proxy.cutAnswersTo('COMMIT')
      expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', pageCount: 3, itemCount: 25 })
      expect(calls()).toBe(3)
      expect(await written()).toBe(25)
      expect(server.requests).toHaveLength(3)
      expect(eventsOf('sync.pageCommitted')).toHaveLength(3)
      expect(await sync.state(id, 'orders')).toMatchObject({ cursor: '25', itemsSynced: 25, errorCount: 0 })
    },
  )

  test.skipIf(missing !== null)(
    `a page whose COMMIT never arrived comes again${missing === null ? '' : ` (${missing})`}`,
    async () => {
      const { sync, id, proxy, written, calls, next } = await worldBehindProxy()
      await sync.page(id, 'orders')
      next.call = () => {
        // Only then: taking the lease may be a small transaction, too.
        if (calls() === 2) proxy.cutBefore('COMMIT')
      }
      expect(await sync.run(id, 'orders')).toMatchObject({ status: 'failed', kind: 'transient', cursor: 10 })
      expect(await written()).toBe(10)
      expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 15 })
      expect(await written()).toBe(25)
      expect(calls()).toBe(4)
    },
  )

  test.skipIf(missing !== null)(
    `so does one whose line broke in the middle of its handler${missing === null ? '' : ` (${missing})`}`,
    async () => {
      const { sync, id, proxy, written } = await worldBehindProxy()
      proxy.cutBefore('o7')
      expect(await sync.run(id, 'orders')).toMatchObject({ status: 'failed', cursor: null })
      expect(await written()).toBe(0)
      expect(await sync.run(id, 'orders')).toMatchObject({ status: 'completed', itemCount: 25 })
      expect(await written()).toBe(25)
    },
  )
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { toNodeHandler } from '../../src/http/to-node-handler.ts'
import { pooledDatabases } from '../support/pooled-databases.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'

const order = JSON.stringify({ type: 'order.created', orderId: 'o1' })

describe.each(pooledDatabases.filter(({ missing }) => missing === null))('on $name', ({ create, connect }) => {
  /** A shop that delivers over a socket to an application whose database is behind another. */
  async function application() {
    const database = await create()
    const direct = new URL(database.url)
    const line = await tcpProxy(direct.hostname, Number(direct.port))
    const proxied = new URL(database.url)
    proxied.port = String(line.port)
    onTestFinished(async () => {
      await line.close()
      await database.drop()
    })
    const own = connect(database.url)
    await own.tenant.create({ data: { id: 'acme' } })
    const prisma = connect(proxied.href, { acquireMs: 2_000 })
    const world = await createShopWorldOver(prismaRepositories(prisma), { gateMaxAgeMs: 60_000 })
    const { id } = await world.connect('acme')
    /** What happens at the end of the handler, inside of its transaction. */
    const inside = { end: () => {} }
    world.connectors.webhooks.handle('order.created', async ({ event, tx }) => {
      await tx.tenant.create({ data: { id: `handled ${event.orderId}` } })
      inside.end()
    })
    const server = createServer(toNodeHandler(world.connectors.handler))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    )
    // A server that listens on a port has an address of this form.
    const { port } = server.address() as AddressInfo
    const deliver = async (body = order, to = port) => {
      const delivery = shopDelivery(body)
      const url = `http://127.0.0.1:${to}/webhooks/${id}`
      const init = { method: 'POST', headers: delivery.headers, body: Buffer.from(delivery.body) }
      const response = await fetch(url, init)
      await response.text()
      return response
    }
    const webhooks = world.connectors.operator.webhooks
    return {
      ...world,
      port,
      line,
      deliver,
      webhooks,
      inside,
      processed: () => expect.poll(() => world.eventsOf('webhook.processed').length, { timeout: 10_000 }),
      /** What the handlers left in the database. */
      effects: () => own.tenant.count({ where: { id: { startsWith: 'handled ' } } }),
    }
  }

  test('sixteen deliveries of one body at once are sixteen times 200, one row, and handled once', async () => {
    const { deliver, webhooks, processed, effects } = await application()
    const statuses = await Promise.all(Array.from({ length: 16 }, async () => (await deliver()).status))
    expect(statuses).toEqual(Array.from({ length: 16 }, () => 200))
    await processed().toBe(1)
    expect(await webhooks.list().all()).toMatchObject([{ deliveries: 16, status: 'processed', attempts: 1 }])
    expect(await effects()).toBe(1)
  })

  test('a sender whose acknowledgement was lost sends again, and the delivery is handled once', async () => {
    const { deliver, port, webhooks, processed, effects } = await application()
    const way = await tcpProxy('127.0.0.1', port)
    onTestFinished(way.close)
    way.cutAnswersTo('POST')
    await expect(deliver(order, way.port)).rejects.toThrow('fetch failed')
    await processed().toBe(1)
    way.cutAnswersTo(null)
    expect((await deliver(order, way.port)).status).toBe(200)
    expect(await webhooks.list().all()).toMatchObject([{ deliveries: 2, status: 'processed', attempts: 1 }])
    expect(await effects()).toBe(1)
  })

  test('while the database is stopped deliveries are 503, and accepted and handled when it is back', async () => {
    const { deliver, line, webhooks, processed, effects } = await application()
    line.stop(true)
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const response = await deliver()
      expect(response.status).toBe(503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    line.stop(false)
    await expect.poll(async () => (await deliver()).status, { timeout: 10_000 }).toBe(200)
    await processed().toBe(1)
    expect(await webhooks.list().all()).toHaveLength(1)
    expect(await effects()).toBe(1)
  })

  test('a database that goes away in the middle of storing is 503, whether it has stored or not', async () => {
    const { deliver, line, webhooks, processed, effects } = await application()
    // Not passed on: nothing is stored.
    line.cutBefore('connectors_webhook_event')
    expect((await deliver()).status).toBe(503)
    expect(await webhooks.list().all()).toEqual([])
    // Passed on, but never answered: it is stored, and nobody here knows.
    line.cutAnswersTo('connectors_webhook_event')
    expect((await deliver()).status).toBe(503)
    line.cutAnswersTo(null)
    await expect.poll(async () => (await deliver()).status, { timeout: 10_000 }).toBe(200)
    // Whoever stored it has not begun to process it: the sweep finds it.
    await webhooks.processDue()
    await processed().toBe(1)
    const [row, ...others] = await webhooks.list().all()
    expect(others).toEqual([])
    expect(row).toMatchObject({ status: 'processed' })
    expect(row?.deliveries).toBeGreaterThan(1)
    expect(await effects()).toBe(1)
  })

  test('a database that goes away in the middle of the processing does not lose the delivery, nor handle it twice', async () => {
    const { deliver, line, webhooks, processed, effects, clock, inside } = await application()
    inside.end = () => line.cutAnswersTo('COMMIT')
    expect((await deliver()).status).toBe(200)
    await expect.poll(effects, { timeout: 10_000 }).toBe(1)
    line.cutAnswersTo(null)
    inside.end = () => {}
    await expect
      .poll(
        async () => {
          await clock.advance(200_000)
          await webhooks.processDue().catch(() => [])
          return (await webhooks.list().all()).map(({ status }) => status)
        },
        { timeout: 15_000 },
      )
      .toEqual(['processed'])
    await processed().toBe(1)
    expect(await effects()).toBe(1)
  })
})

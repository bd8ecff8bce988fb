import PgBoss from 'pg-boss'
import { expect, onTestFinished, test } from 'vitest'
import { type MemoryTransaction, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { inProcessQueue } from '../../src/jobs/in-process-queue.ts'
import { pgBossQueue } from '../../src/jobs/pg-boss/pg-boss-queue.ts'
import { emptyPostgresDatabase } from '../support/postgres-database.ts'
import { createShopWorldOver, shopDelivery } from '../support/shop-world.ts'

const body = JSON.stringify({ type: 'order.created', orderId: 'o1' })

function post(connectionId: string) {
  const { headers, body: bytes } = shopDelivery(body)
  const url = `https://app.test/webhooks/${connectionId}`
  return new Request(url, { method: 'POST', headers, body: Buffer.from(bytes) })
}

/** A process that takes deliveries and one that works, with one database and one queue; each notes what it handles. */
async function twoProcesses() {
  const { url } = await emptyPostgresDatabase()
  const boss = new PgBoss(url)
  boss.on('error', () => {})
  await boss.start()
  onTestFinished(() => boss.stop({ graceful: false, wait: true }))
  const repositories: Repositories<string, MemoryTransaction> = memoryRepositories<string>()
  const queue = () => pgBossQueue(boss, { pollMs: 20 })
  const web = await createShopWorldOver(repositories, { queue: queue() })
  const workers = await createShopWorldOver(repositories, { queue: queue() })
  const handledBy: string[] = []
  for (const [name, { connectors }] of Object.entries({ web, workers })) {
    connectors.webhooks.handle('order.created', async () => void handledBy.push(name))
  }
  const { id } = await web.connect('acme')
  const begin = (tickEveryMs: number | false) => {
    const worker = workers.connectors.work({ tickEveryMs })
    onTestFinished(() => worker.drain({ timeoutMs: 1 }))
  }
  return { web, workers, boss, handledBy, id, begin }
}

test('with a queue that processes share, what comes in is handled by a worker and not by who took it', async () => {
  const { web, workers, handledBy, id, begin } = await twoProcesses()
  expect((await web.connectors.handler(post(id))).status).toBe(200)
  await expect.poll(async () => (await web.connectors.health()).queue.waitingCount).toBe(1)
  // A repetition is no second job.
  expect((await web.connectors.handler(post(id))).status).toBe(200)
  // No tick: it comes out of the queue alone.
  begin(false)
  await expect.poll(() => workers.eventsOf('webhook.processed')).toHaveLength(1)
  expect(handledBy).toEqual(['workers'])
  expect((await web.connectors.health()).queue.waitingCount).toBe(0)
})

test('a queue that is away fails no delivery: a tick finds it in its row', async () => {
  const { web, workers, boss, handledBy, id, begin } = await twoProcesses()
  await boss.stop({ graceful: false, wait: true })
  expect((await web.connectors.handler(post(id))).status).toBe(200)
  await expect.poll(() => web.logLines.join()).toContain('the queue is away; a tick will find the webhook')
  expect(await web.connectors.operator.webhooks.list().all()).toMatchObject([{ status: 'received' }])
  await boss.start()
  begin(1_000)
  await expect.poll(() => workers.eventsOf('webhook.processed')).toHaveLength(1)
  expect(handledBy).toEqual(['workers'])
})

test('a queue of this process hands over nothing: no worker may be there', async () => {
  const web = await createShopWorldOver(memoryRepositories<string>(), { queue: inProcessQueue() })
  const { id } = await web.connect('acme')
  web.connectors.webhooks.handle('order.created', async () => {})
  expect((await web.connectors.handler(post(id))).status).toBe(200)
  await expect.poll(() => web.eventsOf('webhook.processed')).toHaveLength(1)
})

import { expect, onTestFinished, test } from 'vitest'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { webhookRetryDelaysMs } from '../../src/core/domain/backoff.ts'
import { openPostgresqlClient } from '../support/pooled-clients.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { createShopWorldOver, shopDelivery, testKey } from '../support/shop-world.ts'
import { startWorkers } from '../support/start-workers.ts'

test('a delivery that kills its process each time is dead in the end, and its transaction has left nothing', async () => {
  const database = await createPostgresDatabase()
  const prisma = openPostgresqlClient(database.url)
  onTestFinished(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  await prisma.tenant.create({ data: { id: 'acme' } })
  await prisma.$executeRaw`CREATE TABLE prepared (event text)`
  await prisma.$executeRaw`CREATE TABLE handled (event text)`
  const { connectors, connect } = await createShopWorldOver(prismaRepositories(prisma))
  const { id } = await connect('acme')
  const received = await connectors.operator.webhooks.receive(
    id,
    shopDelivery(JSON.stringify({ type: 'order.created', orderId: 'o1' })),
  )
  if (received.status !== 'accepted') throw new Error(received.status)
  const read = () => connectors.operator.webhooks.get(received.event.id)
  const startWorker = await startWorkers('support/webhook-worker.ts')
  const start = (ahead: number, place = '') => startWorker(database.url, testKey(), place, '1', String(ahead))

  // Each works on a day of its own, so that what the one before had to wait for is over: the longest wait is 24 h ± 20 %.
  const dayMs = 48 * 3_600_000
  const attempts = webhookRetryDelaysMs.length + 1
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const finder = attempt === 1 ? null : start((2 * attempt - 1) * dayMs)
    if (finder !== null) {
      await expect.poll(async () => (await read()).status, { timeout: 20_000 }).toBe('failed')
      finder.tell('end')
      await finder.end()
    }
    const worker = start(2 * attempt * dayMs, attempt % 2 === 0 ? 'prepare' : 'inside')
    await worker.line()
    expect(await read()).toMatchObject({ status: 'processing', attempts: attempt, failureCount: attempt - 1 })
    await worker.kill()
  }
  const last = start((2 * attempts + 1) * dayMs)
  await expect.poll(async () => (await read()).status, { timeout: 20_000 }).toBe('dead')
  last.tell('end')
  await last.end()
  expect(await read()).toMatchObject({ attempts, errorKind: 'crashed', error: expect.stringContaining('ended') })
  const count = async (table: string) =>
    (await prisma.$queryRawUnsafe<{ times: number }[]>(`SELECT count(*)::int AS times FROM ${table}`))[0]?.times
  expect([await count('prepared'), await count('handled')]).toEqual([attempts, 0])
}, 120_000)

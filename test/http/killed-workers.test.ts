import { expect, onTestFinished, test } from 'vitest'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { openPostgresqlClient } from '../support/pooled-clients.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { createShopWorldOver, shopDelivery, testKey } from '../support/shop-world.ts'
import { startWorkers } from '../support/start-workers.ts'

// Even. Each costs the start of a process; CI strikes more often than the default.
const kills = Number(process.env.WORKER_KILLS ?? 12)
const eventCount = kills + 30
const workerCount = 3

test(`${kills} workers are killed between claim and end: every delivery is handled, its transaction exactly once`, async () => {
  const database = await createPostgresDatabase()
  const prisma = openPostgresqlClient(database.url)
  onTestFinished(async () => {
    await prisma.$disconnect()
    await database.drop()
  })
  await prisma.tenant.create({ data: { id: 'acme' } })
  // Without keys: whatever is done twice is there twice.
  await prisma.$executeRaw`CREATE TABLE prepared (event text)`
  await prisma.$executeRaw`CREATE TABLE handled (event text)`
  // When a transaction of handlers commits, it has ended the delivery, too: a process can't be killed between the two.
  await prisma.$executeRaw`CREATE FUNCTION has_ended() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM connectors_webhook_event WHERE payload->>'orderId' = NEW.event AND status = 'processed')
    THEN RAISE EXCEPTION '% is handled and not processed', NEW.event; END IF;
    RETURN NULL; END $$`
  await prisma.$executeRaw`CREATE CONSTRAINT TRIGGER has_ended AFTER INSERT ON handled DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION has_ended()`
  const { connectors, connect } = await createShopWorldOver(prismaRepositories(prisma))
  const { id } = await connect('acme')
  for (let index = 0; index < eventCount; index += 1) {
    const body = JSON.stringify({ type: 'order.created', orderId: `o${index}` })
    await connectors.operator.webhooks.receive(id, shopDelivery(body, { deliveryId: `d${index}` }))
  }

  const startWorker = await startWorkers('support/webhook-worker.ts')
  const start = (...stop: readonly string[]) => startWorker(database.url, testKey(), ...stop)

  // Not killed but silent, for longer than its claim lasts: when it goes on, others have handled its delivery.
  const silent = start('pause', '1')
  await silent.line()

  let begun = 0
  const killed = { prepare: 0, inside: 0 }
  const complaints: string[] = []
  /** One after the other, each killed at one of its first deliveries, in turns before and inside of the transaction. */
  const strike = async () => {
    while (begun < kills) {
      begun += 1
      const place = begun % 2 === 0 ? 'prepare' : 'inside'
      // Not always the first: so that some deliveries are through before the kill.
      const worker = start(place, String(begun % 3))
      await worker.line()
      await worker.kill()
      complaints.push(worker.complaints())
      killed[place] += 1
    }
  }
  await Promise.all(Array.from({ length: workerCount }, strike))
  expect({ killed, complaints: complaints.join('') }).toEqual({
    killed: { prepare: kills / 2, inside: kills / 2 },
    complaints: '',
  })
  const crashed = await connectors.operator.webhooks.list({ status: 'processing' }).all()

  const last = start()
  const isDone = async () => (await connectors.operator.webhooks.list({ status: 'processed' }).all()).length
  await expect.poll(isDone, { timeout: 60_000, interval: 200 }).toBe(eventCount)
  last.tell('end')
  expect({ code: await last.end(), complaints: last.complaints() }).toEqual({ code: 0, complaints: '' })

  silent.tell('go on')
  expect({ code: await silent.end(), complaints: silent.complaints() }).toEqual({ code: 0, complaints: '' })

  const count = async (table: string) => {
    const sql = `SELECT count(*)::int AS times, count(DISTINCT event)::int AS events FROM ${table}`
    return (await prisma.$queryRawUnsafe<{ times: number; events: number }[]>(sql))[0]
  }
  expect(await count('handled')).toEqual({ times: eventCount, events: eventCount })
  const prepared = await count('prepared')
  expect(prepared?.events).toBe(eventCount)
  // What was begun and not ended was begun anew: at least each of those that were killed in it.
  expect(prepared?.times).toBeGreaterThanOrEqual(eventCount + kills)
  const attempts = (await connectors.operator.webhooks.list().all()).map((event) => event.attempts)
  expect(attempts.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(eventCount + kills)
  expect(crashed.length).toBeGreaterThan(0)
}, 180_000)

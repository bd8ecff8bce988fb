import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { bundleWorker } from '../support/bundle-worker.ts'
import { openPostgresqlClient } from '../support/pooled-clients.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { createShopWorldOver, shopDelivery, testKey } from '../support/shop-world.ts'

const kills = 50
const eventCount = 80
const workerCount = 3

test(`${kills} workers are killed between claim and end: every delivery is handled, its transaction exactly once`, async () => {
  const database = await createPostgresDatabase()
  const prisma = openPostgresqlClient(database.url)
  // Inside of the checkout, so that packages are found.
  const temporary = new URL('../../.tmp/', import.meta.url).pathname
  await mkdir(temporary, { recursive: true })
  const folder = await mkdtemp(join(temporary, 'killed-workers-'))
  const running = new Set<ChildProcess>()
  onTestFinished(async () => {
    for (const child of running) child.kill('SIGKILL')
    await prisma.$disconnect()
    await database.drop()
    await rm(folder, { recursive: true })
  })
  await prisma.tenant.create({ data: { id: 'acme' } })
  // Without keys: whatever is done twice is there twice.
  await prisma.$executeRaw`CREATE TABLE prepared (event text)`
  await prisma.$executeRaw`CREATE TABLE handled (event text)`
  const { connectors, connect } = await createShopWorldOver(prismaRepositories(prisma))
  const { id } = await connect('acme')
  for (let index = 0; index < eventCount; index += 1) {
    const body = JSON.stringify({ type: 'order.created', orderId: `o${index}` })
    await connectors.operator.webhooks.receive(id, shopDelivery(body, { deliveryId: `d${index}` }))
  }

  const bundle = await bundleWorker('support/webhook-worker.ts', folder)
  const complaints: string[] = []
  const start = (...stop: readonly string[]) => {
    const args = [bundle, database.url, testKey(), ...stop]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    running.add(child)
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
    return { child, lines: createInterface({ input: child.stdout }) }
  }

  let begun = 0
  const killed = { prepare: 0, inside: 0 }
  /** One after the other, each killed at one of its first deliveries, in turns before and inside of the transaction. */
  const strike = async () => {
    while (begun < kills) {
      begun += 1
      const place = begun % 2 === 0 ? 'prepare' : 'inside'
      // Not always the first: so that some deliveries are through before the kill.
      const { child, lines } = start(place, String(begun % 3))
      const exit = once(child, 'exit')
      await once(lines, 'line')
      child.kill('SIGKILL')
      killed[place] += 1
      await exit
      running.delete(child)
    }
  }
  await Promise.all(Array.from({ length: workerCount }, strike))
  expect({ killed, complaints }).toEqual({ killed: { prepare: kills / 2, inside: kills / 2 }, complaints: [] })
  const crashed = await connectors.operator.webhooks.list({ status: 'processing' }).all()

  const last = start().child
  const isDone = async () => (await connectors.operator.webhooks.list({ status: 'processed' }).all()).length
  await expect.poll(isDone, { timeout: 60_000, interval: 200 }).toBe(eventCount)
  last.stdin.write('end\n')
  const [code] = await once(last, 'exit')
  running.delete(last)
  expect({ code, complaints }).toEqual({ code: 0, complaints: [] })

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

import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { prismaRepositories } from '../../src/adapters/prisma/prisma-repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { bundleWorker } from '../support/bundle-worker.ts'
import { createPostgresDatabase } from '../support/postgres-database.ts'
import { postgresServer } from '../support/postgres-server.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'
import { chaosProvider } from './chaos-provider.ts'
import { startChaosServer } from './chaos-server.ts'
import { chaosTables } from './chaos-tables.ts'
import { type JudgedConnection, judge } from './judge.ts'
import { sabotages } from './sabotages.ts'
import { seededRandom } from './seeded-random.ts'
import { startFleet } from './worker-fleet.ts'

/**
 * Kills what syncs, freezes it, cuts its database off and has the provider misbehave, and then compares every item and
 * every page with what should be there. The seed decides what is struck and in which order; how that meets the processes
 * is up to the machine, so that a seed doesn't repeat a run exactly.
 *
 * `--kills 60 --workers 4 --seed 1`, and `--sabotage fence | revision` to see it fail.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    workers: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    sabotage: { type: 'string' },
  },
})
const wanted = { kills: Number(values.kills), workers: Number(values.workers), seed: Number(values.seed) }
for (const [name, value] of Object.entries(wanted)) {
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 on.`)
}
const sabotage = Object.entries(sabotages).find(([name]) => name === values.sabotage)?.[1] ?? {}
if (values.sabotage !== undefined && !(values.sabotage in sabotages)) throw new Error('--sabotage: fence or revision.')

const startedAt = performance.now()
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const random = seededRandom(wanted.seed)
const folder = new URL('../../.tmp/chaos/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const tracePath = join(folder, `trace-${wanted.seed}.jsonl`)
const traceFile = createWriteStream(tracePath)
const trace = (kind: string, fields: object) =>
  void traceFile.write(`${JSON.stringify({ ms: Math.round(performance.now() - startedAt), kind, ...fields })}\n`)
console.log(
  `chaos: seed ${wanted.seed}, ${wanted.kills} kills, ${wanted.workers} workers${values.sabotage ? `, without the ${values.sabotage}` : ''}`,
)

const postgres = await postgresServer()
process.env.TEST_POSTGRES_URL = postgres.url
const database = await createPostgresDatabase()
const client = new pg.Client({ connectionString: database.url })
await client.connect()
await client.query(chaosTables)
const { hostname, port } = new URL(database.url)
const proxy = await tcpProxy(hostname, Number(port || '5432'))
const proxied = new URL(database.url)
proxied.host = `127.0.0.1:${proxy.port}`

const shops = ['a', 'b', 'c', 'd'].flatMap((tenant) => [`${tenant}1`, `${tenant}2`])
const server = await startChaosServer(shops, seededRandom(wanted.seed + 1), (page) => trace('page', page))
const key = Buffer.alloc(32, 1).toString('base64')
const connections = await connectShops()

const tally = { runs: 0, skipped: 0, refused: 0, full: 0, failed: 0 }
const fleet = startFleet({
  bundle: await bundleWorker('chaos/chaos-worker.ts', folder, sabotage),
  size: wanted.workers,
  settings: {
    databaseUrl: proxied.href,
    key,
    connections: connections.map(({ id }) => id) as [string, ...string[]], // there are eight
    clockSkewMs: 300,
  },
  random,
  report: (worker, line) => {
    trace('worker', { worker, ...line })
    if (line.kind === 'log' && line.error.includes('is no longer ours')) tally.refused += 1
    if (line.kind !== 'run') return
    if (line.status === 'skipped') tally.skipped += 1
    else tally.runs += 1
    if (line.status === 'failed') tally.failed += 1
    if (line.status === 'completed' && line.begin === 'full') tally.full += 1
    if (line.reason === 'lease-lost') tally.refused += 1
  },
})

const struck = await strike()
server.settle()
const isSettled = await settled()
const complaints = await fleet.end()
const { duplicates, losses, violations, ...counts } = await judge(client, server, connections)

const findings = [
  ...complaints,
  ...duplicates.map((text) => `duplicate: ${text}`),
  ...losses.map((text) => `loss: ${text}`),
  ...violations.map((text) => `violation: ${text}`),
  ...(isSettled ? [] : ['it did not settle within 60 s']),
  ...(server.faultCount() > 0 ? [] : ['no answer of the provider was ever a wrong one: nobody was at work']),
  ...(tally.refused > 0 ? [] : ['no stale write was ever refused: the fence was not tried']),
]
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
console.log(
  `${struck.kills} kills, ${struck.freezes} freezes, ${struck.cuts} database connections cut, ${struck.commits} times COMMITs without an answer, ${server.faultCount()} provider faults`,
)
console.log(
  `${tally.runs} runs (${tally.full} full ones to the end, ${tally.failed} failed, ${tally.skipped} skipped), ${counts.generationCount} generations`,
)
console.log(`${counts.pageCount} pages, ${counts.itemCount} items`)
console.log(
  `${duplicates.length} duplicates, ${losses.length} losses, ${tally.refused} stale writes refused, ${seconds} s`,
)
for (const finding of findings.slice(0, 20)) console.log(`- ${finding}`)
for (const finding of findings) trace('finding', { finding })
const isGreen = findings.length === 0
console.log(
  isGreen
    ? 'chaos: everything exactly once'
    : `chaos: FAILED, ${findings.length} findings; seed ${wanted.seed}, see ${tracePath}`,
)
process.exitCode = isGreen ? 0 : 1

await server.close()
await proxy.close()
await client.end()
await database.drop()
await postgres.stop()
traceFile.end()

async function connectShops(): Promise<readonly JudgedConnection[]> {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) })
  const connectors = createConnectors(prismaRepositories(prisma), {
    providers: [chaosProvider],
    encryption: { keys: [{ id: 'chaos', key }] },
    http: { allowPrivateNetwork: true },
  })
  const made: JudgedConnection[] = []
  for (const shop of shops) {
    const id = shop.slice(0, 1)
    await prisma.tenant.upsert({ where: { id }, create: { id }, update: {} })
    const { connections: own } = connectors.forTenant(id)
    const connection = await own.create(chaosProvider, {
      credentials: { token: shop },
      settings: { url: server.origin },
    })
    await own.test(connection.id)
    made.push({ id: connection.id, shop })
  }
  await connectors.close()
  await prisma.$disconnect()
  return made
}

/** Strikes at random until there were enough kills; then, without further ones, until a stale write was refused, if it has to be. */
async function strike() {
  const count = { kills: 0, freezes: 0, cuts: 0, commits: 0 }
  await fleet.atWork()
  for (let further = 0; count.kills < wanted.kills || (tally.refused === 0 && further < 60); ) {
    await pause(random.between(100, 900))
    const fraction = random.fraction()
    if (count.kills >= wanted.kills) further += 1
    if (fraction < 0.5 && count.kills < wanted.kills) {
      if (fleet.kill()) count.kills += 1
      trace('kill', {})
    } else if (fraction < 0.75) {
      // Longer than a lease and the difference of the clocks.
      if (fleet.freeze(random.between(2_000, 3_500))) count.freezes += 1
      trace('freeze', {})
    } else if (fraction < 0.88) {
      const { rowCount } = await client.query(
        `SELECT pg_terminate_backend(pid) FROM (
           SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
           ORDER BY random() LIMIT 2) AS struck`,
      )
      count.cuts += rowCount ?? 0
      trace('cut', {})
    } else {
      count.commits += 1
      trace('commits without an answer', {})
      // One that never arrives, and some that arrive and are never answered.
      proxy.cutBefore('COMMIT')
      await pause(100)
      proxy.cutAnswersTo('COMMIT')
      await pause(30)
      proxy.cutAnswersTo(null)
    }
  }
  return count
}

/** Whether every connection was seen at its end, with nobody at it. */
async function settled(): Promise<boolean> {
  const waiting = new Map(connections.map((connection) => [connection.id, connection]))
  for (let round = 0; round < 600 && waiting.size > 0; round += 1) {
    const { rows } = await client.query<{ connectionId: string; cursor: string | null }>(
      `SELECT "connectionId", cursor FROM connectors_sync_state WHERE "leaseOwner" IS NULL AND status = 'completed'`,
    )
    for (const { connectionId, cursor } of rows) {
      const shop = waiting.get(connectionId)?.shop
      if (shop !== undefined && cursor === JSON.stringify(server.endOf(shop))) waiting.delete(connectionId)
    }
    await pause(100)
  }
  return waiting.size === 0
}

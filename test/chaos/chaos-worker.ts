import { PrismaPg } from '@prisma/adapter-pg'
import { createConnectors, type Logger, type SyncResult } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import pg from 'pg'
import { PrismaClient } from '../../generated/prisma-postgresql/client/client.ts'
import { chaosProvider } from './chaos-provider.ts'
import { pageEffects } from './chaos-tables.ts'
import { seededRandom } from './seeded-random.ts'
import { type WorkerReport, workerSettings } from './worker-protocol.ts'

/**
 * One of several processes that sync the same connections until a line arrives on standard input. It listens for no unhandled
 * rejection: one ends the process, and that is a finding.
 */
const settings = workerSettings.parse(JSON.parse(process.env.CHAOS_WORKER ?? '{}'))
const random = seededRandom(settings.seed)
const report = (line: WorkerReport) => void process.stdout.write(`${JSON.stringify(line)}\n`)

const log =
  (level: string): Logger['info'] =>
  (fields, message) =>
    report({ kind: 'log', level, message, error: 'err' in fields ? String(fields.err) : '' })

// As docs/prisma.md says: a connection that is lost between its transactions would take the process with it.
const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: 4 })
pool.on('error', (error) => log('warn')({ err: error }, 'a connection was lost'))
pool.on('connect', (client) => client.on('error', (error) => log('warn')({ err: error }, 'a connection was lost')))
const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
const connectors = createConnectors(prismaRepositories(prisma), {
  providers: [chaosProvider],
  encryption: { keys: [{ id: 'chaos', key: settings.key }] },
  clock: {
    now: () => new Date(Date.now() + settings.skewMs),
    schedule: (ms, task) => {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
  },
  clockSkewMs: settings.clockSkewMs,
  sync: { leaseMs: 800 },
  transaction: { timeoutMs: 1_000, maxWaitMs: 500 },
  pause: { baseMs: 200, maxMs: 500, probeLeaseMs: 2_000 },
  http: { timeoutMs: 4_000, allowPrivateNetwork: true },
  logger: { debug: () => {}, info: () => {}, warn: log('warn'), error: log('error') },
  handlers: {
    'shop.items': async ({ items, connection, generation, runId, tx }) => {
      const run = { connectionId: connection.id, generation, runId, worker: settings.name }
      for (const [sql, values] of pageEffects(items, run)) {
        await tx.$executeRawUnsafe(sql, ...values)
        // Now and then it stands between its statements, so that what strikes strikes inside.
        if (random.chance(0.05)) await tx.$executeRawUnsafe('SELECT pg_sleep($1)', random.fraction() / 5)
      }
    },
  },
})

let isOver = false
process.stdin.once('data', () => {
  isOver = true
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const reasonOf = (result: SyncResult) => {
  if (result.status === 'failed') return `${result.error.code}: ${result.error.message}`
  return result.status === 'completed' ? '' : result.reason
}

async function sync(connection: string, begin: 'resume' | 'full', options: { readonly maxPages?: number } = {}) {
  try {
    const run = begin === 'full' ? connectors.operator.sync.full : connectors.operator.sync.run
    const result = await run(connection, 'items', options)
    const { runId, pageCount: pages, itemCount: items, status } = result
    report({ kind: 'run', connection, runId, begin, status, reason: reasonOf(result), pages, items })
  } catch (error) {
    // The database was away: that is what a caller of the library sees too.
    report({ kind: 'log', level: 'thrown', message: connection, error: String(error) })
  }
}

async function work(): Promise<void> {
  while (!isOver) {
    const begin = random.chance(0.03) ? 'full' : 'resume'
    await sync(random.pick(settings.connections), begin, random.chance(0.3) ? { maxPages: random.between(1, 5) } : {})
    await pause(random.between(5, 40))
  }
}

report({ kind: 'ready' })
await Promise.all([work(), work(), work()])
// A full pass of few pages may have been begun last of all. Whoever else has the lease now comes to this line too.
for (const connection of settings.connections) await sync(connection, 'resume')
await connectors.close()
await prisma.$disconnect()
process.stdin.unref()

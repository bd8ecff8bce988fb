import { openJobsProcess } from './jobs-process.ts'
import type { JobsWorkerSettings } from './jobs-worker.ts'
import type { EngineSettings } from './open-queue.ts'
import { startOwnRedis } from './own-redis.ts'
import { createPostgresDatabase } from './postgres-database.ts'
import { shop } from './shop-provider.ts'
import { shopDelivery, testKey, webhookSecret } from './shop-world.ts'
import type { StartWorker } from './start-workers.ts'
import { startWorkFloor } from './work-floor.ts'

/** An engine that can be broken. */
interface BreakableEngine {
  readonly settings: EngineSettings
  /** Everything that it knew is gone. */
  readonly wipe: () => Promise<void>
  /** Its connections are cut, and it comes back with what it has kept. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

type Sql = (script: string) => Promise<unknown>

async function startEngine(kind: EngineSettings['kind'], url: string, sql: Sql): Promise<BreakableEngine> {
  const nothing = async () => {}
  switch (kind) {
    case 'in-process':
      return { settings: { kind }, wipe: nothing, restart: nothing, stop: nothing }
    case 'pg-boss':
      return {
        settings: { kind, url },
        wipe: async () => void (await sql('DROP SCHEMA pgboss CASCADE')),
        // What a restart of the server looks like from outside; others use it too.
        restart: async () =>
          void (await sql(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
          )),
        stop: nothing,
      }
    case 'bullmq': {
      const { path, flush, restart, stop } = await startOwnRedis()
      return { settings: { kind, path }, wipe: flush, restart, stop }
    }
  }
}

/** A fleet: this process makes jobs, others do them; PostgreSQL has the rows, an engine the jobs. */
export type JobsWorld = Awaited<ReturnType<typeof createJobsWorld>>

/** Makes one; what it opened is let go of by `close`. */
export async function createJobsWorld(kind: EngineSettings['kind'], start: StartWorker) {
  const database = await createPostgresDatabase()
  const floor = await startWorkFloor({ latencyMs: 3 })
  const base = { url: database.url, key: testKey(), floorUrl: floor.server.url }
  const rows = await openJobsProcess({ ...base, engine: { kind: 'in-process' } })
  const { prisma } = rows
  const sql: Sql = (script) => prisma.$executeRawUnsafe(script)
  await prisma.tenant.create({ data: { id: 'acme' } })
  // Without keys: whatever is done twice is there twice.
  await sql('CREATE TABLE handled (what text)')
  const engine = await startEngine(kind, database.url, sql)
  const { connectors, queue, close } = await openJobsProcess({ ...base, engine: engine.settings })
  const acme = connectors.forTenant('acme')
  let count = 0

  const connect = async () => {
    const { id } = await acme.connections.create(shop, {
      credentials: { token: 'token-of-acme' },
      settings: { url: floor.server.url },
      webhookSecret,
    })
    await acme.connections.test(id)
    return id
  }
  return {
    floor,
    engine,
    queue,
    connectors,
    connect,
    /** A sync that is due; answers what is done with it. */
    requestSync: async (connectionId: string) => {
      await acme.sync.request(connectionId, 'orders')
      return `sync-${connectionId}`
    },
    /** A delivery that waits; answers what is done with it. */
    deliver: async (connectionId: string) => {
      count += 1
      const orderId = `o${count}`
      const body = JSON.stringify({ type: 'order.created', orderId })
      await acme.webhooks.receive(connectionId, shopDelivery(body, { deliveryId: orderId }))
      return `webhook-${orderId}`
    },
    /** A call of an adapter for later; answers what is done with it. */
    call: async (connectionId: string) => {
      count += 1
      const what = `call-${count}`
      const call = { tenantId: 'acme', connectionId, provider: shop, method: 'getOrder', args: [what] } as const
      await connectors.enqueue('adapter.call', call)
      return what
    },
    /** What handlers have done, each as often as they did. */
    handled: async () =>
      (await prisma.$queryRaw<{ what: string }[]>`SELECT what FROM handled ORDER BY what`).map(({ what }) => what),
    isDue: async (connectionId: string) => (await acme.sync.state(connectionId, 'orders'))?.dueAt !== null,
    /** A process that works, once it does. */
    startWorker: async (settings: Partial<JobsWorkerSettings> = {}) => {
      const whole = { ...base, engine: engine.settings, concurrency: 4, drainMs: 20_000, ...settings }
      const worker = start(JSON.stringify(whole satisfies JobsWorkerSettings))
      await worker.line()
      return worker
    },
    close: async () => {
      await close()
      await rows.close()
      await engine.stop()
      await floor.server.close()
      await database.drop()
    },
  }
}

import { type ConnectorsOptions, createConnectors } from 'bapp-connectors'
import { inProcessQueue } from 'bapp-connectors/jobs'
import { bullmqQueue } from 'bapp-connectors/jobs/bullmq'
import { pgBossQueue } from 'bapp-connectors/jobs/pg-boss'
import { memoryRepositories } from 'bapp-connectors/memory'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import PgBoss from 'pg-boss'

// Orders of a shop every 15 minutes, in this process, on pg-boss or on BullMQ:
//   QUEUE=pg-boss DATABASE_URL=… SHOP_URL=… SHOP_KEY=… SHOP_SECRET=… npx tsx examples/periodic-sync.ts

/** PostgreSQL: the instance is yours, so start it first and stop it last. */
export async function startPgBoss(connectionString: string) {
  const boss = new PgBoss(connectionString)
  boss.on('error', (error) => console.error(error))
  await boss.start()
  return { queue: pgBossQueue(boss), stop: () => boss.stop() }
}

/** Redis. */
export function startBullmq(url: string) {
  return { queue: bullmqQueue({ connection: { url } }), stop: async () => {} }
}

/** This process. */
export function startInProcess() {
  return { queue: inProcessQueue(), stop: async () => {} }
}

/** The engine that the environment names. */
async function startQueue(env: NodeJS.ProcessEnv) {
  switch (env.QUEUE) {
    case 'pg-boss':
      return startPgBoss(env.DATABASE_URL ?? 'postgresql://127.0.0.1:5432/postgres')
    case 'bullmq':
      return startBullmq(env.REDIS_URL ?? 'redis://127.0.0.1:6379')
    default:
      return startInProcess()
  }
}

/** Schedules the orders of one shop, and works until it is told to stop. */
export async function syncPeriodically({
  queue,
  ...options
}: Pick<ConnectorsOptions, 'encryption' | 'queue' | 'http'> & {
  readonly shop: { readonly store_url: string; readonly consumer_key: string; readonly consumer_secret: string }
  readonly onOrder: (id: string) => void
}) {
  const { shop, onOrder, ...rest } = options
  const connectors = createConnectors(memoryRepositories<string>(), {
    ...rest,
    ...(queue !== undefined && { queue }),
    providers: [woocommerce],
    handlers: {
      'shop.orders': async ({ items }) => {
        for (const { externalId } of items) onOrder(externalId)
      },
    },
  })
  const tenantId = 'acme'
  const { connections } = connectors.forTenant(tenantId)
  const { id: shopId } = await connections.create(woocommerce, { credentials: shop })
  await connections.test(shopId)
  await connectors.forTenant(tenantId).sync.schedule(shopId, 'orders', { everyMs: 15 * 60_000 })
  const worker = connectors.work({ concurrency: 10 })
  process.once('SIGTERM', () => void worker.drain().then(() => connectors.close()))
  return { connectors, worker, tenantId, shopId }
}

/** Things that a user of yours may want done later. */
export async function doLater({ connectors, tenantId, shopId }: Awaited<ReturnType<typeof syncPeriodically>>) {
  await connectors.enqueue('sync.full', { tenantId, connectionId: shopId, resource: 'orders' })
  await connectors.enqueue('adapter.call', {
    tenantId,
    connectionId: shopId,
    provider: woocommerce,
    method: 'updateOrderStatus',
    args: ['12345', 'completed'],
  })
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const { SHOP_URL = '', SHOP_KEY = '', SHOP_SECRET = '', CONNECTORS_KEY = '' } = process.env
  const { queue } = await startQueue(process.env)
  await syncPeriodically({
    queue,
    encryption: { keys: [{ id: '2026-11', key: CONNECTORS_KEY }] },
    shop: { store_url: SHOP_URL, consumer_key: SHOP_KEY, consumer_secret: SHOP_SECRET },
    onOrder: (id) => console.log('order', id),
  })
}

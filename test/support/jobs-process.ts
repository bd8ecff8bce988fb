import { createConnectors } from 'bapp-connectors'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { systemClock } from '../../src/adapters/node/system-clock.ts'
import { type EngineSettings, openQueue } from './open-queue.ts'
import { openPostgresqlClient } from './pooled-clients.ts'
import { shop } from './shop-provider.ts'

/** What a process has to know to work. */
export interface JobsProcessSettings {
  /** Of the database. */
  readonly url: string
  /** Opens credentials. */
  readonly key: string
  readonly engine: EngineSettings
  /** Where handlers say what they are at: `GET /work/:what` of the shop. */
  readonly floorUrl: string
  /** So much its clock is ahead. Default 0. */
  readonly aheadMs?: number
}

/** The library as one of several processes has it: on PostgreSQL, with a queue, and handlers that write down what they did. */
export async function openJobsProcess({ url, key, engine, floorUrl, aheadMs = 0 }: JobsProcessSettings) {
  const prisma = openPostgresqlClient(url, { max: 5 })
  const { queue, close } = await openQueue(engine)
  const workAt = async (what: string, signal: AbortSignal) => void (await fetch(`${floorUrl}/work/${what}`, { signal }))
  const connectors = createConnectors(prismaRepositories(prisma), {
    providers: [shop],
    queue,
    encryption: { keys: [{ id: 'test-key', key }] },
    http: { allowPrivateNetwork: true },
    clockSkewMs: 0,
    clock: { now: () => new Date(Date.now() + aheadMs), schedule: systemClock.schedule },
    webhooks: { concurrency: 10 },
    handlers: {
      'shop.orders': {
        prepare: async ({ connection, items, signal }) => {
          const what = `sync-${connection.id}`
          await workAt(what, signal)
          return async ({ tx }) => {
            for (const _order of items) await tx.$executeRaw`INSERT INTO handled VALUES (${what})`
          }
        },
      },
    },
  })
  connectors.webhooks.handle('order.created', {
    prepare: async ({ event, signal }) => {
      const what = `webhook-${event.orderId}`
      await workAt(what, signal)
      return async ({ tx }) => void (await tx.$executeRaw`INSERT INTO handled VALUES (${what})`)
    },
  })
  return {
    prisma,
    queue,
    connectors,
    close: async () => {
      await connectors.close()
      await close()
      await prisma.$disconnect()
    },
  }
}

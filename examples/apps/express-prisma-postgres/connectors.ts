import { createConnectors } from 'bapp-connectors'
import { pgBossQueue } from 'bapp-connectors/jobs/pg-boss'
import { prismaRepositories } from 'bapp-connectors/prisma'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import PgBoss from 'pg-boss'
import { prisma } from './database.ts'
import { env } from './env.ts'
import { keepOrders } from './orders.ts'

const boss = new PgBoss(env.DATABASE_URL)
boss.on('error', (error) => console.error(error))
await boss.start()

/** The same in the web process, which takes deliveries and makes jobs, and in the workers, which do them. */
export const connectors = createConnectors(prismaRepositories(prisma), {
  providers: [woocommerce],
  encryption: { keys: [{ id: env.CONNECTORS_KEY_ID, key: env.CONNECTORS_KEY }] },
  queue: pgBossQueue(boss),
  webhooks: { baseUrl: `${env.PUBLIC_URL}/webhooks` },
  // Shops on your own machine, while you develop.
  http: { allowPrivateNetwork: env.NODE_ENV === 'development' },
  handlers: {
    // `tx` is your own Prisma transaction: the orders of a page and our cursor are committed together, or not at all.
    'shop.orders': ({ items, connection, tx }) => keepOrders(items, connection, tx),
  },
})

for (const type of ['order.created', 'order.updated'] as const) {
  // And so are an order that was delivered and our note that the delivery is done.
  connectors.webhooks.handle(type, async ({ event, connection, tx }) => {
    if ('order' in event) await keepOrders([event.order], connection, tx)
  })
}

/** Last of all: what was begun is written down, and connections are given back. */
export async function close(): Promise<void> {
  await connectors.close()
  await boss.stop()
  await prisma.$disconnect()
}

import { createConnectors } from 'bapp-connectors'
import { drizzleRepositories } from 'bapp-connectors/drizzle'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { client, db } from './database.ts'
import { env } from './env.ts'
import { keepOrders } from './orders.ts'
import { connectorTables } from './tables.ts'

/** Jobs wait in this process; what has to outlive it is in the file. */
export const connectors = createConnectors(drizzleRepositories(db, { tables: connectorTables }), {
  providers: [woocommerce],
  encryption: { keys: [{ id: env.CONNECTORS_KEY_ID, key: env.CONNECTORS_KEY }] },
  webhooks: { baseUrl: `${env.PUBLIC_URL}/webhooks` },
  // Shops on your own machine, while you develop.
  http: { allowPrivateNetwork: env.NODE_ENV === 'development' },
  handlers: {
    // `tx` is your own Drizzle transaction: the orders of a page and our cursor are committed together, or not at all.
    'shop.orders': ({ items, connection, tx }) => keepOrders(items, connection, tx),
  },
})

for (const type of ['order.created', 'order.updated'] as const) {
  // And so are an order that was delivered and our note that the delivery is done.
  connectors.webhooks.handle(type, async ({ event, connection, tx }) => {
    if ('order' in event) await keepOrders([event.order], connection, tx)
  })
}

/** Last of all: what was begun is written down, and the file is closed. */
export async function close(): Promise<void> {
  await connectors.close()
  client.close()
}

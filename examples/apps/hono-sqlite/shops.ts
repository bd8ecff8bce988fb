import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { z } from 'zod'
import { connectors } from './connectors.ts'

/** What a company fills in. */
const shopSchema = z.object({ store_url: z.url(), consumer_key: z.string(), consumer_secret: z.string() })

/** Connects a company to its shop: has the shop tell about orders, and reads them every 15 minutes, now for the first time. */
export async function connectShop(companyId: number, input: unknown) {
  const acme = connectors.forTenant(companyId)
  const { id } = await acme.connections.create(woocommerce, { credentials: shopSchema.parse(input) })
  const outcome = await acme.connections.test(id)
  if (outcome.status !== 'connected') {
    await acme.connections.delete(id)
    return { status: outcome.status, message: outcome.message } as const
  }
  await acme.webhooks.register(id, ['order.created', 'order.updated'])
  await acme.sync.schedule(id, 'orders', { everyMs: 15 * 60_000 })
  await acme.sync.request(id, 'orders')
  return { status: 'connected', id } as const
}

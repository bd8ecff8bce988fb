import { isConnectorsError } from 'bapp-connectors'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { z } from 'zod'
import { connectors } from './connectors.ts'

/** What a company fills in. */
const shopSchema = z.object({ store_url: z.url(), consumer_key: z.string(), consumer_secret: z.string() })

/** Connects a company to its shop: has the shop tell about orders, and reads them every 15 minutes, now for the first time. */
export async function connectShop(companyId: string, input: unknown) {
  const acme = connectors.forTenant(companyId)
  const { id } = await acme.connections.create(woocommerce, { credentials: shopSchema.parse(input) })
  const refuse = async (message: string) => {
    await acme.connections.delete(id)
    return { status: 'refused', message } as const
  }
  const outcome = await acme.connections.test(id)
  if (outcome.status !== 'connected') return refuse(outcome.message)
  try {
    await acme.webhooks.register(id, ['order.created', 'order.updated'])
  } catch (error) {
    // E.g. a key that may read only.
    if (isConnectorsError(error)) return refuse(error.message)
    throw error
  }
  await acme.sync.schedule(id, 'orders', { everyMs: 15 * 60_000 })
  await acme.sync.request(id, 'orders')
  return { status: 'connected', id } as const
}

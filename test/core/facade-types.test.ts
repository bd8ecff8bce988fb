import { expectTypeOf, test } from 'vitest'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'

test('types flow from the provider to every verb', async () => {
  const { connectors, connect } = await createShopWorld()
  const acme = connectors.forTenant('acme')
  const { id } = await connect('acme')
  const adapter = await acme.connections.adapter(id, shop)
  expectTypeOf(await adapter.getOrder).returns.resolves.toEqualTypeOf<{ id: string; total: string; currency: string }>()
  connectors.webhooks.handle('order.paid', async ({ event }) => {
    expectTypeOf(event.amount).toEqualTypeOf<string>()
  })
  connectors.webhooks.handle('order.*', async ({ event }) => {
    expectTypeOf(event.type).toEqualTypeOf<'order.created' | 'order.paid'>()
  })
  // @ts-expect-error the shop has no such event
  connectors.webhooks.handle('order.shipped', async () => {})
  // @ts-expect-error the shop has no such resource
  await acme.sync.run(id, 'products').catch(() => {})
  const settings = { url: 'https://shop.test' }
  // @ts-expect-error the credentials are called token
  await acme.connections.create(shop, { credentials: { apiKey: 'x' }, settings }).catch(() => {})
})

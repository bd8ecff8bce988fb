import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'

test('handled tells what this process has handlers for, each once, and no longer what was taken back', async () => {
  const { connectors } = await createShopWorld({ handlers: { 'shop.orders': async () => {} } })
  connectors.webhooks.handle('order.*', async () => {})
  connectors.webhooks.handle('order.*', async () => {})
  const takeBack = connectors.webhooks.handle('order.paid', async () => {})
  expect(connectors.operator.handled()).toEqual({ resources: ['shop.orders'], webhooks: ['order.*', 'order.paid'] })
  takeBack()
  expect(connectors.operator.handled()).toEqual({ resources: ['shop.orders'], webhooks: ['order.*'] })
})

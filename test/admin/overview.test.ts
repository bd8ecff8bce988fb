import { expect, test } from 'vitest'
import { createShopWorld, shopDelivery } from '../support/shop-world.ts'
import { createAdminWorld } from './admin-world.ts'

/** The figure of a tile, and what stands below it. */
function tileOf(html: string, name: string): string {
  const tile = new RegExp(`<span class="name">${name}</span><strong>([^<]*)</strong><span class="sub">([^<]*)`).exec(
    html,
  )
  return `${tile?.[1]}: ${tile?.[2]}`
}

async function givenTrouble() {
  const shop = await createShopWorld({ orderCount: 3, handlers: { 'shop.orders': async () => {} } })
  const world = await createAdminWorld({}, shop)
  const [good, failing, paused, disabled] = await Promise.all(
    ['acme', 'acme', 'acme', 'globex'].map((tenant) => world.connect(tenant)),
  )
  if (!good || !failing || !paused || !disabled) throw new Error('not connected')
  await world.connect('acme', { test: false })
  const { operator } = world.connectors
  await operator.sync.run(good.id, 'orders')
  world.server.intercept = (_request, response) => {
    response.writeHead(503).end()
    return true
  }
  await operator.sync.run(failing.id, 'orders')
  world.server.intercept = null
  await operator.connections.pause(paused.id, { forMs: 60_000, reason: 'maintenance' })
  await operator.connections.disable(disabled.id, { reason: 'moved to another shop' })
  world.connectors.webhooks.handle('order.created', async () => {
    throw new Error('no such product')
  })
  const { event } = (await operator.webhooks.receive(
    good.id,
    shopDelivery('{"type":"order.created","orderId":"7"}'),
  )) as {
    readonly event: { readonly id: string }
  }
  return { ...world, eventId: event.id, failing }
}

test('the overview says how many of what are well, and leads to what is not', async () => {
  const { chief, connectors, eventId, failing } = await givenTrouble()
  const before = (await chief.get('/admin')).html
  expect(tileOf(before, 'Connections')).toBe('5: 2 operational')
  expect(tileOf(before, 'Unusable')).toBe('2: disabled or not connected')
  expect(tileOf(before, 'Failing syncs')).toBe('1: tried again by themselves')
  expect(tileOf(before, 'Webhook backlog')).toBe('1: 0 without a handler')
  expect(tileOf(before, 'Dead webhooks')).toBe('0: not tried again')
  expect(before).toContain('aria-label="Connections by state: 2 of 5 are operational"')
  expect(before).toContain('moved to another shop')
  expect(before).toContain(`href="/admin/connections/${failing.id}">orders</a>`)
  await connectors.operator.webhooks.skip(eventId, { reason: 'not ours' })
  const after = (await chief.get('/admin')).html
  expect(tileOf(after, 'Webhook backlog')).toBe('0: 0 without a handler')
  expect(tileOf(after, 'Dead webhooks')).toBe('1: not tried again')
  expect(after).toContain(`href="/admin/webhooks/${eventId}">order.created</a>`)
})

test('calls of the last day are drawn hour by hour, those that failed apart', async () => {
  const { chief } = await givenTrouble()
  const { html } = await chief.get('/admin')
  // Four tests of connections and a page of orders; one page that was refused.
  expect(html).toContain('aria-label="Calls by hour: 6 calls, 1 failed"')
  expect(tileOf(html, 'Error rate, 24 h')).toBe('16.7 %: 1 of 6 calls')
})

test('who may see one tenant gets the figures of that tenant', async () => {
  const { browserOf } = await givenTrouble()
  const { html } = await browserOf({ actor: 'g', tenants: ['globex'], level: 'view' }).get('/admin')
  expect(tileOf(html, 'Connections')).toBe('1: 0 operational')
  expect(tileOf(html, 'Failing syncs')).toBe('0: tried again by themselves')
  expect(html).toContain('aria-label="Calls by hour: 1 call, 0 failed"')
  expect(html).not.toContain('acme')
})

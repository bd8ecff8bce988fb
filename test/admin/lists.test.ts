import { expect, test } from 'vitest'
import { createShopWorld, shopDelivery } from '../support/shop-world.ts'
import { createAdminWorld } from './admin-world.ts'

async function givenHistory() {
  const shop = await createShopWorld({ orderCount: 12, handlers: { 'shop.orders': async () => {} } })
  const world = await createAdminWorld({}, shop)
  const { id } = await world.connect('acme')
  const acme = world.connectors.forTenant('acme')
  await acme.sync.run(id, 'orders')
  const result = await acme.webhooks.receive(id, shopDelivery('{"type":"order.created","orderId":"<b>7</b>"}'))
  if (result.status !== 'accepted') throw new Error(result.status)
  return { ...world, id, acme, eventId: result.event.id }
}

test('syncs, webhooks, calls and acts are listed, filtered and linked to their connection', async () => {
  const { chief, id } = await givenHistory()
  const page = async (path: string) => (await chief.get(`/admin${path}`)).html
  expect(await page('/syncs?status=completed')).toContain('<strong>orders</strong></td><td data-label="Connection"><a ')
  expect(await page('/syncs?status=failed')).toContain('No syncs match.')
  expect(await page('/webhooks?type=order.created&signature=valid')).toContain('order.created</a>')
  expect(await page('/webhooks?signature=invalid')).toContain('No webhooks match.')
  expect(await page('/calls?text=/orders&status=2xx')).toContain('/orders?offset=10')
  expect(await page('/calls?text=/orders')).toContain('Searched are the newest 50,000 calls of the last 24 hours.')
  expect(await page('/calls?text=/nothing')).toContain('No calls match.')
  await chief.post(`/admin/connections/${id}/disable`, { reason: 'moved' })
  expect(await page('/activity')).toContain('chief@example.com')
  expect(await page('/connections?text=Test')).toContain('Test shop</a>')
  expect(await page('/connections?text=test')).toContain('Nothing matches these filters.')
})

test('a search finds calls of its span, and none before', async () => {
  const { chief, clock, acme, id } = await givenHistory()
  await clock.advance(2 * 86_400_000)
  const shown = async (query: string) =>
    [...(await chief.get(`/admin/calls?${query}`)).html.matchAll(/offset=\d+/g)].map(([offset]) => offset)
  expect(await shown('text=/orders')).toEqual([])
  expect(new Set(await shown('text=/orders&span=7d'))).toEqual(new Set(['offset=10', 'offset=0']))
  await acme.sync.run(id, 'orders')
  expect(new Set(await shown('text=/orders'))).toEqual(new Set(['offset=12']))
})

test('a delivery is shown as it came, as text, and can be replayed', async () => {
  const { chief, eventId, connectors } = await givenHistory()
  const { html } = await chief.get(`/admin/webhooks/${eventId}`)
  expect(html).toContain('&lt;b&gt;7&lt;/b&gt;')
  expect(html).not.toContain('<b>7</b>')
  await connectors.operator.webhooks.process(eventId)
  connectors.webhooks.handle('order.created', async () => {})
  const { response } = await chief.post(`/admin/webhooks/${eventId}/replay`)
  expect(response.headers.get('location')).toBe(`/admin/webhooks/${eventId}`)
  expect(await connectors.operator.webhooks.get(eventId)).toMatchObject({ status: 'processed' })
})

test('a sync is run, scheduled, suspended and forgotten from the page of its connection', async () => {
  const { chief, acme, id } = await givenHistory()
  const act = (verb: string, fields = {}) => chief.post(`/admin/connections/${id}/syncs/orders/${verb}`, fields)
  const state = () => acme.sync.state(id, 'orders')
  await act('schedule', { every: '15 minutes' })
  expect((await state())?.schedule).toMatchObject({ everyMs: 900_000, isPaused: false })
  await act('pause')
  expect((await state())?.schedule).toMatchObject({ isPaused: true })
  await act('unschedule')
  await act('reset', { confirmation: 'products' })
  expect((await state())?.cursor).not.toBeNull()
  await act('reset', { confirmation: 'orders' })
  expect((await state())?.cursor).toBeNull()
  await act('run')
  expect((await chief.get(`/admin/connections/${id}`)).html).toContain('Synced to the end: 12 items')
})

test('the page of a connection tells what was done to it, and so does its trail', async () => {
  const { chief, connect, id } = await givenHistory()
  const other = await connect('acme')
  await chief.post(`/admin/connections/${id}/pause`, { length: '1 hour', reason: 'stocktaking' })
  await chief.post(`/admin/connections/${other.id}/disable`, { reason: 'moved' })
  const { html } = await chief.get(`/admin/connections/${id}`)
  expect(html).toContain('connections.pause <span class="muted">by chief@example.com</span>')
  expect(html).not.toContain('connections.disable <span')
  const { html: trail } = await chief.get(`/admin/activity?connection=${id}`)
  expect(trail).toContain('stocktaking')
  expect(trail).not.toContain('moved')
})

test('what is about a deleted connection says so', async () => {
  const { chief, acme, id, eventId } = await givenHistory()
  await acme.connections.delete(id)
  for (const path of [`/connections/${id}`, `/calls?connection=${id}`, `/activity?connection=${id}`]) {
    const { response, html } = await chief.get(`/admin${path}`)
    expect([path, response.status]).toEqual([path, 404])
    expect(html).toContain('<h1>No such connection</h1>')
  }
  expect((await chief.get('/admin/calls')).html).toContain(`deleted (${id.slice(-8)})`)
  expect((await chief.get(`/admin/webhooks/${eventId}`)).response.status).toBe(200)
  const { response, html } = await chief.post(`/admin/webhooks/${eventId}/replay`)
  expect([response.status, html.includes('No such connection')]).toEqual([404, true])
})

test('who may see another tenant finds nothing of this one, at any address', async () => {
  const { browserOf, id, eventId } = await givenHistory()
  const foreign = browserOf({ actor: 'f', tenants: ['globex'], level: 'manage' })
  const paths = [
    `/connections/${id}`,
    `/webhooks/${eventId}`,
    ...['connections', 'syncs', 'webhooks', 'calls', 'activity', ''].map((page) => `/${page}?tenant=acme`),
    ...['webhooks', 'calls', 'activity'].map((page) => `/${page}?connection=${id}`),
  ]
  for (const path of paths) {
    const { response, html } = await foreign.get(`/admin${path}`)
    expect([path, response.status]).toEqual([path, 404])
    expect(html).not.toMatch(/Test shop<|order\.created|offset=/)
  }
  for (const path of ['/syncs', '/webhooks', '/calls', '/activity', '/connections', '/catalog']) {
    const { response, html } = await foreign.get(`/admin${path}`)
    expect([path, response.status]).toEqual([path, 200])
    expect(html).not.toContain(id)
  }
})

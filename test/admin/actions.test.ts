import { expect, test } from 'vitest'
import { createAdminWorld } from './admin-world.ts'

async function givenConnection() {
  const world = await createAdminWorld()
  const { id } = await world.connect('acme')
  const acme = world.connectors.forTenant('acme')
  const acts = () => acme.executions.list({ runId: 'operator' }).all()
  return { ...world, id, path: `/admin/connections/${id}`, acme, acts }
}

test('a connection is disabled with a reason, and the trail says by whom', async () => {
  const { chief, acme, acts, id, path } = await givenConnection()
  const { response } = await chief.post(`${path}/disable`, { reason: 'moved to another shop' })
  expect([response.status, response.headers.get('location')]).toEqual([303, path])
  expect(await acme.connections.get(id)).toMatchObject({ isEnabled: false, disabledReason: 'moved to another shop' })
  expect(await acts()).toEqual([
    expect.objectContaining({
      actor: 'chief@example.com',
      action: 'connections.disable',
      requestPayload: '{"reason":"moved to another shop"}',
    }),
  ])
  const { html } = await chief.get(path)
  expect(html).toMatch(/role="status">The connection is disabled/)
  expect((await chief.get(path)).html).not.toContain('role="status"')
})

test('a test of the connection says what it found', async () => {
  const { chief, path } = await givenConnection()
  await chief.post(`${path}/test`)
  expect((await chief.get(path)).html).toContain('connected: ')
})

test('a connection is paused, resumed, disabled and enabled', async () => {
  const { chief, acme, id, path } = await givenConnection()
  const state = async () => {
    const { isEnabled, pausedUntil } = await acme.connections.get(id)
    return [isEnabled, pausedUntil !== null]
  }
  await chief.post(`${path}/pause`, { length: '1 hour', reason: 'maintenance' })
  expect(await state()).toEqual([true, true])
  await chief.post(`${path}/resume`)
  expect(await state()).toEqual([true, false])
  await chief.post(`${path}/disable`)
  expect(await state()).toEqual([false, false])
  await chief.post(`${path}/enable`)
  expect(await state()).toEqual([true, false])
})

test.each([
  ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
  ['another site that says it is none', { origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }],
  ['a neighbour', { 'sec-fetch-site': 'same-site' }],
  ['a bookmark', { 'sec-fetch-site': 'none' }],
  ['nowhere', { origin: 'null' }],
])('a form from %s does nothing', async (_name, headers) => {
  const { chief, acme, acts, id, path } = await givenConnection()
  const { response } = await chief.post(`${path}/disable`, {}, headers)
  expect(response.status).toBe(403)
  expect(await acme.connections.get(id)).toMatchObject({ isEnabled: true })
  expect(await acts()).toEqual([])
})

test('a form without the token, or with that of another operator, does nothing', async () => {
  const { chief, browserOf, acme, id, path } = await givenConnection()
  const other = browserOf({ actor: 'other', tenants: 'all', level: 'manage' })
  const token = /name="_token" value="([^"]*)"/.exec((await other.get(path)).html)?.[1] ?? ''
  expect(token).not.toBe('')
  for (const _token of ['wrong', token]) {
    expect((await chief.post(`${path}/disable`, { _token })).response.status).toBe(403)
  }
  expect(await acme.connections.get(id)).toMatchObject({ isEnabled: true })
})

test('a link does nothing', async () => {
  const { chief, acme, id, path } = await givenConnection()
  expect((await chief.get(`${path}/disable`)).response.status).toBe(404)
  expect(await acme.connections.get(id)).toMatchObject({ isEnabled: true })
})

test.each([
  ['view', ['test', 'disable', 'delete', 'credentials', 'syncs/orders/run']],
  ['operate', ['delete', 'credentials', 'settings', 'rename', 'syncs/orders/full', 'webhook-register']],
] as const)('who may %s is refused what takes more, and sees no button for it', async (level, verbs) => {
  const { browserOf, acts, path, acme, id } = await givenConnection()
  const limited = browserOf({ actor: 'l', tenants: 'all', level })
  const page = (await limited.get(path)).html
  // The token is made for them all the same, so that it is the level that refuses.
  const { html } = await browserOf({ actor: 'l', tenants: 'all', level: 'manage' }).get(path)
  expect(html).toContain(`action="${path}/delete"`)
  for (const verb of verbs) {
    expect(page).not.toContain(`action="${path}/${verb}"`)
    expect([verb, (await limited.post(`${path}/${verb}`)).response.status]).toEqual([verb, 403])
  }
  expect(await acts()).toEqual([])
  expect(await acme.connections.get(id)).toMatchObject({ isEnabled: true })
})

test('a foreign connection can’t be acted on', async () => {
  const { browserOf, path, acme, id } = await givenConnection()
  const foreign = browserOf({ actor: 'f', tenants: ['globex'], level: 'manage' })
  for (const verb of ['disable', 'delete', 'syncs/orders/run']) {
    expect((await foreign.post(`${path}/${verb}`)).response.status).toBe(404)
  }
  expect(await acme.connections.get(id)).toMatchObject({ isEnabled: true })
})

test('settings are changed by the provider’s own form, and what is wrong is said by field', async () => {
  const { chief, acme, id, path, server } = await givenConnection()
  const wrong = await chief.post(`${path}/settings`, { 'field.url': 'no address', 'field.currency': 'RON' })
  expect(wrong.response.status).toBe(422)
  expect(wrong.html).toMatch(/id="settings-url-error"[^>]*>[^<]*Invalid/)
  expect(wrong.html).toContain('value="no address"')
  expect(await acme.connections.get(id)).toMatchObject({ settings: { url: server.url } })
  await chief.post(`${path}/settings`, { 'field.url': server.url, 'field.currency': 'RON' })
  expect(await acme.connections.get(id)).toMatchObject({ settings: { url: server.url, currency: 'RON' } })
})

test('credentials are replaced, tested, and never shown or written down', async () => {
  const { chief, acts, path, server } = await givenConnection()
  const token = 'token-of-acme-renewed'
  server.tokens.add(token)
  const { html: refused } = await chief.post(`${path}/credentials`, { 'field.token': '' })
  expect(refused).toContain('role="alert"')
  await chief.post(`${path}/credentials`, { 'field.token': token })
  const { html } = await chief.get(path)
  expect(html).toContain('the credentials are replaced')
  expect(html + JSON.stringify(await acts())).not.toContain(token)
  expect(html).not.toContain('token-of-acme')
})

test('only who types its name deletes a connection', async () => {
  const { chief, acme, id, path, acts } = await givenConnection()
  await chief.post(`${path}/delete`, { confirmation: 'yes' })
  expect(await acme.connections.get(id)).toMatchObject({ displayName: 'Test shop' })
  const { response } = await chief.post(`${path}/delete`, { confirmation: 'Test shop' })
  expect(response.headers.get('location')).toBe('/admin/connections')
  await expect(acme.connections.get(id)).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  expect((await acts()).map(({ action }) => action)).toEqual(['connections.delete', 'connections.delete'])
})

import { expect, test } from 'vitest'
import { createAdmin } from '../../src/admin/create-admin.tsx'
import { createShopWorld } from '../support/shop-world.ts'
import { chief, createAdminWorld } from './admin-world.ts'

test('without authorize there is no console', async () => {
  const { connectors } = await createShopWorld()
  expect(() => createAdmin(connectors, {} as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('authorize is missing') }),
  )
})

test.each([
  [{ basePath: '/admin/' }, 'basePath'],
  [{ basePath: 'admin' }, 'basePath'],
  [{ origin: 'https://ops.example.com/path' }, 'origin'],
  [{ titel: 'x' }, '"titel"'],
])('the option %j is refused', async (option, named) => {
  const { connectors } = await createShopWorld()
  expect(() => createAdmin(connectors, { authorize: () => null, ...option })).toThrow(named)
})

test('whom authorize does not know sees nothing, on no page', async () => {
  const { admin, connect } = await createAdminWorld()
  const { id } = await connect('acme')
  for (const path of ['/admin', '/admin/connections', `/admin/connections/${id}`, '/admin/nowhere']) {
    const response = await admin(new Request(`http://ops.test${path}`))
    expect([path, response.status]).toEqual([path, 403])
    expect(await response.text()).not.toContain('Test shop')
  }
})

test('authorize may answer in its own words, such as a way to the login', async () => {
  const { admin } = await createAdminWorld({
    authorize: () => new Response(null, { status: 302, headers: { location: '/login' } }),
  })
  const response = await admin(new Request('http://ops.test/admin/connections'))
  expect([response.status, response.headers.get('location')]).toEqual([302, '/login'])
})

test.each([
  { actor: '', tenants: 'all', level: 'view' },
  { actor: 'a', tenants: 'some', level: 'view' },
  { actor: 'a', tenants: [], level: 'view' },
  { actor: 'a', tenants: 'all', level: 'root' },
  true,
  undefined,
])('what is no operator (%j) is refused', async (answer) => {
  const { admin } = await createAdminWorld({ authorize: () => answer as never })
  expect((await admin(new Request('http://ops.test/admin/connections'))).status).toBe(403)
})

test('an authorize that fails lets nobody in, and is told', async () => {
  const { admin, errors } = await createAdminWorld({
    authorize: () => {
      throw new Error('the session store is away')
    },
  })
  const response = await admin(new Request('http://ops.test/admin/connections'))
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('session store')
  expect(errors).toEqual([expect.objectContaining({ message: 'the session store is away' })])
})

test.each([
  ['a text', 'the session store is away'],
  ['a response', new Response(null, { status: 302 })],
  ['nothing', undefined],
])('an authorize that throws %s lets nobody in either', async (_, thrown) => {
  const { admin, errors } = await createAdminWorld({ authorize: () => Promise.reject(thrown) })
  for (const path of ['/admin/connections', '/admin/nowhere']) {
    expect((await admin(new Request(`http://ops.test${path}`))).status).toBe(500)
  }
  expect(errors).toEqual([thrown, thrown])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('no log')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no log'))],
])('an onError that %s hurts nobody', async (_, onError) => {
  const authorize = () => Promise.reject(new Error('away'))
  const { admin } = await createAdminWorld({ authorize, onError })
  expect((await admin(new Request('http://ops.test/admin/connections'))).status).toBe(500)
})

test('every page forbids scripts and frames of others, and is kept nowhere', async () => {
  const { response, html } = await (await createAdminWorld()).chief.get('/admin/connections')
  const policy = response.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  expect(response.headers.get('x-frame-options')).toBe('DENY')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(html).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=|<style/i)
})

test('style sheet and script have addresses that change with them, and are asked for once', async () => {
  const { chief: browser, admin } = await createAdminWorld()
  const { html } = await browser.get('/admin/connections')
  const paths = [/href="([^"]+\.css)"/, /src="([^"]+\.js)"/].map((pattern) => pattern.exec(html)?.[1] ?? 'none')
  for (const path of paths) {
    const response = await admin(new Request(`http://ops.test${path}`))
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toContain('immutable')
    const etag = response.headers.get('etag') ?? ''
    const again = await admin(new Request(`http://ops.test${path}`, { headers: { 'if-none-match': etag } }))
    expect(again.status).toBe(304)
  }
})

test('it can be mounted at the root, and elsewhere', async () => {
  for (const basePath of ['', '/ops/connectors']) {
    const { admin } = await createAdminWorld({ basePath, authorize: () => chief })
    const html = await (await admin(new Request(`http://ops.test${basePath}/connections`))).text()
    expect(html).toContain(`action="${basePath}/connections"`)
    expect((await admin(new Request('http://ops.test/elsewhere'))).status).toBe(404)
  }
})

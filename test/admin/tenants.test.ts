import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createAdmin } from '../../src/admin/create-admin.tsx'
import { createShopWorldOver } from '../support/shop-world.ts'
import { createAdminWorld } from './admin-world.ts'

async function givenTwoTenants() {
  const world = await createAdminWorld()
  const connect = async (tenantId: string) => {
    const { id } = await world.connect(tenantId)
    await world.connectors.forTenant(tenantId).connections.update(id, { displayName: `Shop of ${tenantId}` })
    return id
  }
  return { ...world, acme: await connect('acme'), globex: await connect('globex') }
}

test('who may see all tenants sees all, or one', async () => {
  const { chief } = await givenTwoTenants()
  const all = await chief.get('/admin/connections')
  expect(all.html).toContain('Shop of acme')
  expect(all.html).toContain('Shop of globex')
  const one = await chief.get('/admin/connections?tenant=globex')
  expect(one.html).not.toContain('Shop of acme')
  expect(one.html).toContain('Shop of globex')
})

test('who may see one tenant sees nothing of others', async () => {
  const { browserOf, acme, globex } = await givenTwoTenants()
  const limited = browserOf({ actor: 'l', tenants: ['acme'], level: 'manage' })
  const list = await limited.get('/admin/connections')
  expect(list.html).toContain('Shop of acme')
  expect(list.html).not.toContain('globex')
  expect((await limited.get(`/admin/connections/${acme}`)).response.status).toBe(200)
  for (const path of [`/admin/connections/${globex}`, '/admin/connections?tenant=globex', '/admin?tenant=globex']) {
    const { response, html } = await limited.get(path)
    expect([path, response.status]).toEqual([path, 404])
    expect(html).not.toContain('Shop of globex')
  }
})

test('who may see several looks at one after the other', async () => {
  const { browserOf, connect } = await givenTwoTenants()
  await connect('initech')
  const limited = browserOf({ actor: 'l', tenants: ['acme', 'globex'], level: 'view' })
  expect((await limited.get('/admin/connections')).html).toContain('Shop of acme')
  const { html } = await limited.get('/admin/connections?tenant=globex')
  expect(html).toContain('Shop of globex')
  expect(html).not.toContain('initech')
})

test('tenants are found whatever type their ids have', async () => {
  for (const [id, other] of [
    [7n, 8n],
    [7, 8],
  ] as const) {
    const world = await createShopWorldOver(memoryRepositories<bigint | number>())
    await world.connect(id)
    await world.connect(other)
    const admin = createAdmin(world.connectors, { authorize: () => ({ actor: 'a', tenants: 'all', level: 'view' }) })
    const html = async (path: string) => (await admin(new Request(`http://ops.test${path}`))).text()
    expect((await html('/admin/connections?tenant=7')).match(/<tr>/g)).toHaveLength(2)
    expect(await html('/admin/connections?tenant=seven')).toContain('No such tenant')
  }
})

test('lists are walked page by page', async () => {
  const { chief, connect } = await createAdminWorld()
  for (let count = 0; count < 51; count += 1) await connect('acme', { test: false })
  const first = await chief.get('/admin/connections?connected=no')
  expect(first.html.match(/href="\/admin\/connections\/[^"]+"/g)).toHaveLength(50)
  const next = /rel="next" href="([^"]+)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
  expect(next).toContain('connected=no')
  const second = await chief.get(next)
  expect(second.html.match(/href="\/admin\/connections\/[^"]+"/g)).toHaveLength(1)
  expect(second.html).toContain('First page')
})

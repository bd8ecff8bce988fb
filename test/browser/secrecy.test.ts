import { expect, test } from 'vitest'
import { csrfOf } from '../../src/admin/csrf.ts'
import { canBeRead } from '../support/secret-spellings.ts'
import { crawl, visit } from './all-paths.ts'
import { describeConsole } from './describe-console.ts'
import { operators } from './operators.ts'

describeConsole('what the console keeps to itself', (world) => {
  test('no secret can be read on any page there is, nor in its headers', async () => {
    const { secrets, url } = world()
    const page = await world().open()
    const { pages } = await crawl(page.request, url)
    expect(pages.size).toBeGreaterThan(60)
    expect([...pages].filter(([, { status }]) => status !== 200).map(([path]) => path)).toEqual([])
    expect(secrets).toHaveLength(1 + 5 * 3 + 3 * 2 + 2 * 2)
    for (const [path, { html, headers }] of pages) {
      const readable = secrets.filter((secret) => canBeRead(secret, html + headers))
      expect([path, readable]).toEqual([path, []])
    }
  })

  test('who may see one tenant finds nothing of others, at any address of the console', async () => {
    const { connectors, cast, url } = world()
    const { origin } = new URL(url)
    const { pages, actions } = await crawl((await world().open()).request, url)
    expect(actions.size).toBeGreaterThan(100)
    const foreign = Object.values(cast).filter(({ tenantId }) => tenantId !== 'acme')
    const foreignIds = foreign.map(({ id }) => id)
    const deliveries = await connectors.operator.webhooks.list().all()
    const foreignEvents = deliveries.filter(({ tenantId }) => tenantId !== 'acme').map(({ id }) => id)
    const telltales = [
      ...[...foreignIds, ...foreignEvents].map((id) => `/${id}`),
      ...['Globex', 'Initech', 'Umbrella', 'Northwind', 'globex', 'initech', 'umbrella', 'northwind'],
    ]
    const limited = (await world().open({ operator: 'ofAcme' })).request
    const answers = new Set<number>()
    for (const path of pages.keys()) {
      const { status, html } = await visit(limited, origin + path)
      answers.add(status)
      expect([path, telltales.filter((telltale) => html.includes(telltale))]).toEqual([path, []])
      if (foreignIds.some((id) => path.includes(id))) expect([path, status]).toEqual([path, 404])
    }
    expect([...answers].sort()).toEqual([200, 404])
  })

  test('who may see one tenant changes nothing of others, by any form of the console', async () => {
    const { connectors, cast, url } = world()
    const { origin } = new URL(url)
    const { actions } = await crawl((await world().open()).request, url)
    const page = await world().open({ operator: 'ofAcme' })
    await page.goto(`${url}/connections/${cast.acmeShop.id}`)
    const token = await page.locator('input[name=_token]').first().inputValue()
    const { connections, sync, webhooks } = connectors.operator
    const things = async () =>
      JSON.stringify([await connections.list().all(), await sync.states().all(), await webhooks.list().all()])
    const before = await things()
    const own = [cast.acmeShop, cast.acmeBank, cast.acmeCode].map(({ id }) => id)
    const ownEvents = (await connectors.forTenant('acme').webhooks.list().all()).map(({ id }) => id)
    const foreign = [...actions].filter((path) => ![...own, ...ownEvents].some((id) => path.includes(id)))
    expect(foreign.length).toBeGreaterThan(50)
    for (const path of foreign) {
      const form = { _token: token, confirmation: 'orders', reason: 'because', displayName: 'Mine now', events: '*' }
      const response = await page.request.post(origin + path, { form, headers: { origin }, maxRedirects: 0 })
      expect([path, response.status()]).toEqual([path, 404])
    }
    expect(await things()).toBe(before)
  })

  test('who may only look is offered no form that writes, and none is accepted', async () => {
    const { cast, url, connectors } = world()
    const page = await world().open({ operator: 'viewer' })
    const { actions } = await crawl(page.request, url)
    expect([...actions]).toEqual([])
    const { id } = cast.acmeShop
    const { origin } = new URL(url)
    // No page has a token for them, but whoever knows how one is made has it.
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    const token = csrfOf(new Request(url, { headers: { cookie } }), false).tokenFor(operators.viewer.actor)
    const response = await page.request.post(`${url}/connections/${id}/disable`, {
      form: { _token: token },
      headers: { origin },
    })
    expect([response.status(), await response.text()]).toEqual([403, expect.stringContaining('may operate')])
    expect(await connectors.operator.connections.get(id)).toMatchObject({ isEnabled: true })
  })
})

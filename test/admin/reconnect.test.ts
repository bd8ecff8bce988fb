import { expect, onTestFinished, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createAdmin } from '../../src/admin/create-admin.tsx'
import { csrfOf } from '../../src/admin/csrf.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { startAuthorizationServer, testApp, testBaseUrl } from '../support/authorization-server.ts'
import { notebookAt } from '../support/notebook-provider.ts'
import { testKey } from '../support/shop-world.ts'

const silent = () => {}

/** A notebook that was connected on a consent page, and a console, seen at `origin`. */
async function givenNotebook({ origin = 'https://app.test', level = 'manage' as 'manage' | 'operate' } = {}) {
  const authorization = await startAuthorizationServer()
  const notebook = notebookAt(authorization.origin, { allowMultiple: true })
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [notebook],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    oauth: { baseUrl: testBaseUrl, apps: { notebook: testApp } },
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  })
  onTestFinished(() => connectors.close())
  const acme = connectors.forTenant('acme')
  const begun = await acme.oauth.authorize({ provider: notebook, actor: 'ann', settings: { region: 'eu' } })
  const comeBack = (url: string, cookie: string | null) =>
    connectors.handler(new Request(url, { headers: { cookie: cookie?.split(';')[0] ?? '' } }))
  await comeBack(await authorization.person().visit(begun.url, 'notes-of-ann'), begun.cookie)
  const [connection] = await acme.connections.list().all()
  if (connection === undefined) throw new Error('not connected')
  const admin = createAdmin(connectors, { origin, authorize: () => ({ actor: 'ops', tenants: 'all', level }) })
  const path = `/admin/connections/${connection.id}`
  const cookie = `__Host-connectors-admin=${'k'.repeat(43)}`
  const get = async (address: string) => (await admin(new Request(origin + address, { headers: { cookie } }))).text()
  const reconnect = async () => {
    const token = csrfOf(new Request(origin, { headers: { cookie } }), true).tokenFor('ops')
    const response = await admin(
      new Request(`${origin}${path}/reconnect`, {
        method: 'POST',
        body: new URLSearchParams({ _token: token }),
        headers: { cookie, origin, 'sec-fetch-site': 'same-origin' },
      }),
    )
    const html = await response.text()
    const url = /class="button primary" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    return { response, html, url, cookie: response.headers.getSetCookie()[0] ?? null }
  }
  return { authorization, acme, connection, path, get, reconnect, comeBack }
}

test('an account is connected anew by way of a link, as the policy lets no form lead to the provider', async () => {
  const { authorization, acme, connection, path, get, reconnect, comeBack } = await givenNotebook()
  expect(await get(path)).toContain('Reconnect</button>')
  const { response, html, url, cookie } = await reconnect()
  expect([response.status, new URL(url).origin]).toEqual([200, authorization.origin])
  expect(html).toContain(`On to ${new URL(authorization.origin).host}`)
  const back = await comeBack(await authorization.person().visit(url, 'notes-of-ann'), cookie)
  const returnTo = new URL(back.headers.get('location') ?? '')
  expect([returnTo.origin, returnTo.pathname]).toEqual(['https://app.test', path])
  expect(await get(returnTo.pathname + returnTo.search)).toContain('Back from the consent page')
  expect((await acme.connections.list().all()).map(({ id }) => id)).toEqual([connection.id])
  expect(await acme.executions.list({ runId: 'operator' }).all()).toEqual([
    expect.objectContaining({ actor: 'ops', action: 'oauth.authorize' }),
  ])
})

test('another account is not taken for this one, and the console says why', async () => {
  const { authorization, get, reconnect, comeBack } = await givenNotebook()
  const { url, cookie } = await reconnect()
  const back = await comeBack(await authorization.person().visit(url, 'notes-of-somebody'), cookie)
  const returnTo = new URL(back.headers.get('location') ?? '')
  const html = await get(returnTo.pathname + returnTo.search)
  expect(html).toContain('Not connected anew: it was another account than that of this connection.')
})

test('a console on an origin where consent pages may not lead still reconnects', async () => {
  const { authorization, reconnect, comeBack } = await givenNotebook({ origin: 'https://ops.test' })
  const { url, cookie } = await reconnect()
  const back = await comeBack(await authorization.person().visit(url, 'notes-of-ann'), cookie)
  expect([back.status, back.headers.get('location')]).toEqual([200, null])
})

test('who may only operate is not offered it, and may not', async () => {
  const { path, get, reconnect } = await givenNotebook({ level: 'operate' })
  expect(await get(path)).not.toContain('Reconnect')
  expect((await reconnect()).response.status).toBe(403)
})

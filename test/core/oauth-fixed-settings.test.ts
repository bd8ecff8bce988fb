import { expect, onTestFinished, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { fakeRoutes } from '../../src/testing/fake-routes.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { notebookAt } from '../support/notebook-provider.ts'
import { notebookApp } from '../support/notebook-server.ts'
import { testKey } from '../support/shop-world.ts'

/** Notebooks, whoever runs them: all codes are good, and every token is that of one account. */
async function startNotebooks(sub: string) {
  const server = await startFakeProvider(
    fakeRoutes({
      'POST /token': () => ({ access_token: `of-${sub}`, token_type: 'bearer', expires_in: 3_600 }),
      'GET /me': () => ({ sub }),
    }),
  )
  onTestFinished(() => server.close())
  return server
}

/** The library, the provider, and a tenant who runs a server of his own that says it holds the account of a victim. */
async function createWorld() {
  const [real, own] = await Promise.all([startNotebooks('mallory'), startNotebooks('victim')])
  const notebook = notebookAt(real.origin, {
    server: { authorizationUrl: `${real.origin}/auth`, tokenUrl: `${real.origin}/token` },
  })
  const clock = createFakeClock()
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [notebook],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    oauth: { apps: { notebook: notebookApp }, baseUrl: 'https://app.test/oauth' },
    http: { allowPrivateNetwork: true },
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  })
  onTestFinished(() => connectors.close())
  const tenant = connectors.forTenant('acme')
  const create = (host: string) =>
    tenant.connections.create(notebook, { credentials: { accessToken: 'typed' }, settings: { region: 'eu', host } })
  const begin = (connectionId: string) => tenant.oauth.authorize({ provider: notebook, actor: 'mallory', connectionId })
  const end = ({ url, cookie }: Awaited<ReturnType<typeof begin>>) => {
    const back = new URL('https://app.test/oauth/callback/notebook?code=good')
    back.searchParams.set('state', new URL(url).searchParams.get('state') ?? '')
    return tenant.oauth.callback({ provider: 'notebook', url: back.href, cookie: cookie?.split(';')[0] ?? null })
  }
  return { real, own, tenant, notebook, create, begin, end }
}

test("a connection to a tenant's own server is not connected on the provider's consent page: it would tell whose the account is", async () => {
  const { own, tenant, create, begin } = await createWorld()
  const { id } = await create(own.origin)
  await expect(begin(id)).rejects.toMatchObject({ code: 'INVALID_SETTINGS', message: expect.stringContaining('host') })
  expect(own.requests).toEqual([])
  expect(await tenant.connections.get(id)).toMatchObject({ externalAccountId: null })
})

test('nor if it is led there while somebody is on the consent page', async () => {
  const { real, own, tenant, create, begin, end } = await createWorld()
  const { id } = await create(real.origin)
  const begun = await begin(id)
  await tenant.connections.updateSettings(id, { region: 'eu', host: own.origin })
  await expect(end(begun)).resolves.toMatchObject({ status: 'refused', reason: 'failed' })
  expect(own.requests).toEqual([])
  expect(await tenant.connections.get(id)).toMatchObject({ externalAccountId: null })
})

test('one to the provider is, and says whose it is', async () => {
  const { real, tenant, create, begin, end } = await createWorld()
  const { id } = await create(real.origin)
  await expect(end(await begin(id))).resolves.toMatchObject({ status: 'connected', isNew: false })
  expect(await tenant.connections.get(id)).toMatchObject({ externalAccountId: 'mallory' })
})

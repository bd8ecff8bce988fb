import { expect, onTestFinished, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { fakeRoutes } from '../../src/testing/fake-routes.ts'
import { notebookAt } from '../support/notebook-provider.ts'
import { notebookApp } from '../support/notebook-server.ts'
import { testKey } from '../support/shop-world.ts'

test('of two who connect a typed token anew at once, with an account each, the connection says whose credentials it has', async () => {
  // A code is called like the account that it is for, and so is its token.
  const server = await startFakeProvider(
    fakeRoutes({
      'POST /token': ({ body }) => ({ access_token: new URLSearchParams(body).get('code'), token_type: 'bearer' }),
      'GET /me': ({ headers }) => ({ sub: headers.authorization?.slice('Bearer '.length) }),
    }),
  )
  onTestFinished(() => server.close())
  const notebook = notebookAt(server.origin, {
    server: { authorizationUrl: `${server.origin}/auth`, tokenUrl: `${server.origin}/token` },
  })
  const stored = memoryRepositories<string>()
  const { update } = stored.connections
  let beforeUpdate = async (): Promise<unknown> => undefined
  const repositories = {
    ...stored,
    connections: {
      ...stored.connections,
      update: async (...args: Parameters<typeof update>) => {
        await beforeUpdate()
        return update(...args)
      },
    },
  }
  const connectors = createConnectors(repositories, {
    providers: [notebook],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    oauth: { apps: { notebook: notebookApp }, baseUrl: 'https://app.test/oauth' },
    http: { allowPrivateNetwork: true },
  })
  onTestFinished(() => connectors.close())
  const { connections, oauth } = connectors.forTenant('acme')
  const { id: connectionId } = await connections.create(notebook, {
    credentials: { accessToken: 'typed' },
    settings: { region: 'eu' },
  })
  const begin = () => oauth.authorize({ provider: notebook, actor: 'ann', connectionId, anyBrowser: true })
  const end = ({ url }: Awaited<ReturnType<typeof begin>>, account: string) => {
    const state = new URL(url).searchParams.get('state')
    return oauth.callback({ provider: 'notebook', url: `/callback?state=${state}&code=${account}`, cookie: null })
  }
  const [one, other] = [await begin(), await begin()]
  beforeUpdate = async () => {
    beforeUpdate = async () => undefined
    expect(await end(other, 'bob')).toMatchObject({ status: 'connected' })
  }
  expect(await end(one, 'ann')).toMatchObject({ status: 'refused', reason: 'otherAccount' })
  const adapter = await connections.adapter(connectionId, notebook)
  const { sub } = await adapter.whoAmI()
  expect(await connections.get(connectionId)).toMatchObject({ externalAccountId: sub })
})

import { createHmac } from 'node:crypto'
import { memoryRepositories } from 'bapp-connectors/memory'
import { expect, onTestFinished, test } from 'vitest'
import { createConnectors } from '../../../src/create-connectors.ts'
import { dropboxAccountId, startDropboxServer } from '../../support/dropbox-server.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { testKey } from '../../support/shop-world.ts'

/** An application of Dropbox's, and accounts that tenants connect on its consent page. */
async function createApp() {
  const server = await startDropboxServer()
  const clock = createFakeClock()
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [server.provider],
    encryption: { keys: [{ id: 'k1', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    oauth: {
      baseUrl: 'https://app.test/oauth',
      apps: { dropbox: { clientId: 'app-key', clientSecret: 'app-secret' } },
    },
    webhooks: { apps: { dropbox: { secrets: ['app-secret'] } } },
    clock,
  })
  onTestFinished(async () => {
    await connectors.close()
    await server.service.close()
  })
  const connect = async (tenantId: string) => {
    const { oauth } = connectors.forTenant(tenantId)
    const { url, cookie } = await oauth.authorize({ provider: server.provider, actor: 'ann' })
    const back = `https://app.test/oauth/callback/dropbox?code=good&state=${new URL(url).searchParams.get('state')}`
    const outcome = await oauth.callback({ provider: 'dropbox', url: back, cookie, actor: 'ann' })
    if (outcome.status !== 'connected') throw new Error(`refused: ${outcome.reason}`)
    return { consent: new URL(url), connection: outcome.connection }
  }
  const ask = (address: string, init?: RequestInit) =>
    connectors.handler(new Request(`https://app.test/webhooks/${address}`, init))
  const deliver = (body: object, secret = 'app-secret') => {
    const text = JSON.stringify(body)
    const signature = createHmac('sha256', secret).update(text).digest('hex')
    return ask('app/dropbox', { method: 'POST', body: text, headers: { 'x-dropbox-signature': signature } })
  }
  return { server, clock, connectors, connect, ask, deliver }
}

test('an account is connected for good: its token is renewed with the same refresh token again and again', async () => {
  const { server, clock, connectors, connect } = await createApp()
  const { consent, connection } = await connect('acme')
  expect(consent.pathname).toBe('/oauth2/authorize')
  expect(Object.fromEntries(consent.searchParams)).toMatchObject({
    token_access_type: 'offline',
    code_challenge_method: 'S256',
    scope: 'account_info.read files.metadata.read files.content.read',
  })
  expect(connection).toMatchObject({
    externalAccountId: dropboxAccountId,
    displayName: 'ann@acme.test',
    isConnected: true,
    tokenExpiresAt: new Date(clock.now().getTime() + 14_400_000),
  })
  expect(server.tokenRequests).toMatchObject([{ grant_type: 'authorization_code', code: 'good' }])
  const adapter = await connectors.forTenant('acme').connections.adapter(connection.id, server.provider)
  for (const times of [1, 2]) {
    await clock.advance(14_400_000)
    expect(await adapter.getAccount()).toMatchObject({ id: dropboxAccountId })
    expect(server.tokenRequests.slice(1)).toHaveLength(times)
    expect(server.tokenRequests.at(-1)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-of-acme',
    })
  }
})

test('Dropbox asks whether somebody is there, and gets its challenge back as text that no browser takes for a page', async () => {
  const { ask } = await createApp()
  const response = await ask('app/dropbox?challenge=%3Cscript%3Eabc')
  expect([response.status, await response.text()]).toEqual([200, '<script>abc'])
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect((await ask('app/dropbox')).status).toBe(405)
})

test('a delivery to the one address of the app reaches each connection with the account, every time that it comes', async () => {
  const { connectors, connect, deliver } = await createApp()
  const ids = [(await connect('acme')).connection.id, (await connect('globex')).connection.id]
  const body = { list_folder: { accounts: [dropboxAccountId, 'dbid:of-nobody'] }, delta: { users: [12345678] } }
  expect((await deliver(body)).status).toBe(200)
  const rows = async () => connectors.operator.webhooks.list().all()
  expect((await rows()).map(({ connectionId }) => connectionId).toSorted()).toEqual(ids.toSorted())
  // The same bytes, about another change.
  expect((await deliver(body)).status).toBe(200)
  expect(await rows()).toMatchObject(Array(4).fill({ eventType: 'files.changed', deliveries: 1 }))
  expect((await deliver(body, 'secret-of-somebody-else')).status).toBe(401)
  expect((await deliver({ delta: { users: [1] } })).status).toBe(200)
  expect(await rows()).toHaveLength(4)
})

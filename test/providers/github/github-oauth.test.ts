import { describe, expect, it, onTestFinished, test } from 'vitest'
import { memoryRepositories } from '../../../src/adapters/memory/memory-repositories.ts'
import { createConnectors } from '../../../src/create-connectors.ts'
import { github } from '../../../src/providers/github/github.ts'
import { startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { fakeResponse, fakeRoutes } from '../../../src/testing/fake-routes.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { testKey } from '../../support/shop-world.ts'

/** What GitHub answers with HTTP 200 and form parameters turned into JSON by the accept header. */
type Tokens = Readonly<Record<string, string>>

/** GitHub Enterprise Server, which answers token requests so, one after the other. */
async function createGitHubWorld(...answers: readonly Tokens[]) {
  const left = [...answers]
  const asked: Record<string, string>[] = []
  const server = await startFakeProvider(
    fakeRoutes({
      'POST /login/oauth/access_token': ({ body }) => {
        asked.push(Object.fromEntries(new URLSearchParams(body)))
        return left.shift() ?? { error: 'bad_verification_code', error_description: 'The code passed is incorrect.' }
      },
      'GET /api/v3/user': ({ headers }) =>
        headers.authorization?.startsWith('Bearer gh') ? { id: 583231, login: 'octocat' } : fakeResponse(401, {}),
      'GET /api/v3/': ({ headers }) =>
        headers.authorization?.startsWith('Bearer gh') ? {} : fakeResponse(401, { message: 'Bad credentials' }),
    }),
  )
  const clock = createFakeClock()
  const baseUrl = `${server.origin}/api/v3`
  const lines: string[] = []
  const log = (fields: object, message: string) =>
    void lines.push(`${message} ${String((fields as { err?: unknown }).err)}`)
  const connectors = createConnectors(memoryRepositories<string>(), {
    providers: [github],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    oauth: {
      baseUrl: 'https://app.test/oauth',
      apps: { github: { clientId: 'Iv1.app', clientSecret: 'secret-of-the-app', settings: { baseUrl } } },
    },
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
  })
  onTestFinished(async () => {
    await connectors.close()
    await server.close()
  })
  const acme = connectors.forTenant('acme')
  const connect = async () => {
    const { url, cookie } = await acme.oauth.authorize({
      provider: github,
      actor: 'ann',
      settings: { repository: 'octocat/hello', baseUrl: 'https://evil.test/api/v3' },
    })
    const state = new URL(url).searchParams.get('state')
    const back = `https://app.test/oauth/callback/github?code=code-1&state=${state}`
    return { url, outcome: await acme.oauth.callback({ provider: 'github', url: back, cookie }) }
  }
  return { server, clock, acme, asked, connect, baseUrl, lines }
}

const ofOAuthApp = { access_token: 'gho_1', scope: 'repo,gist', token_type: 'bearer' }
const ofGitHubApp = {
  access_token: 'ghu_1',
  expires_in: '28800',
  refresh_token: 'ghr_1',
  refresh_token_expires_in: '15811200',
  scope: '',
  token_type: 'bearer',
}

describe('an account', () => {
  it('is connected by an OAuth app, whose token does not expire', async () => {
    const { connect, server, asked, baseUrl } = await createGitHubWorld(ofOAuthApp)
    const { url, outcome } = await connect()
    expect(url.startsWith(`${server.origin}/login/oauth/authorize?`)).toBe(true)
    expect(new URL(url).searchParams.get('scope')).toBe('repo')
    expect(outcome).toMatchObject({
      status: 'connected',
      connection: {
        displayName: 'octocat',
        externalAccountId: '583231',
        isOperational: true,
        tokenExpiresAt: null,
        // Of the application, and not what the tenant said.
        settings: { repository: 'octocat/hello', baseUrl },
      },
    })
    expect(asked).toMatchObject([
      { grant_type: 'authorization_code', client_id: 'Iv1.app', client_secret: 'secret-of-the-app', code: 'code-1' },
    ])
  })

  it('is connected by a GitHub App, whose user tokens end after eight hours and are refreshed', async () => {
    const renewed = { ...ofGitHubApp, access_token: 'ghu_2', refresh_token: 'ghr_2' }
    const { connect, clock, acme, asked } = await createGitHubWorld(ofGitHubApp, renewed)
    const { outcome } = await connect()
    const expiresAt = new Date(clock.now().getTime() + 28_800_000)
    expect(outcome).toMatchObject({ status: 'connected', connection: { tokenExpiresAt: expiresAt } })
    if (outcome.status !== 'connected') return
    await clock.advance(28_800_000)
    const adapter = await acme.connections.adapter(outcome.connection.id, github)
    await expect(adapter.getAccount()).resolves.toEqual({ id: 583231, login: 'octocat' })
    expect(asked.slice(1)).toMatchObject([{ grant_type: 'refresh_token', refresh_token: 'ghr_1' }])
  })
})

test.each([
  ['bad_verification_code', 'OAUTH_GRANT_INVALID'],
  ['bad_refresh_token', 'OAUTH_GRANT_INVALID'],
  ['incorrect_client_credentials', 'OAUTH_APP_REFUSED'],
  ['redirect_uri_mismatch', 'PROVIDER_REJECTED'],
])('the error %s, which comes with HTTP 200, is understood', async (error, code) => {
  const { connect, acme } = await createGitHubWorld({ error, error_description: 'See the documentation.' })
  expect((await connect()).outcome).toMatchObject({ status: 'refused', reason: 'failed', error: { code } })
  for await (const connection of acme.connections.list()) expect(connection).toBeUndefined()
})

test.each([
  ['https://api.github.com', 'https://github.com/login/oauth/authorize'],
  ['https://api.octo.ghe.com', 'https://octo.ghe.com/login/oauth/authorize'],
  ['https://git.acme.test/api/v3', 'https://git.acme.test/login/oauth/authorize'],
])('people who use the API at %s sign in at %s', (baseUrl, authorizationUrl) => {
  expect(github.oauth?.server({ baseUrl })).toMatchObject({ authorizationUrl })
})

test('a token that is typed in goes on working, and has nothing to refresh with', async () => {
  const { acme, baseUrl } = await createGitHubWorld()
  const { id } = await acme.connections.create(github, { credentials: { token: 'ghp_1' }, settings: { baseUrl } })
  await expect(acme.connections.test(id)).resolves.toMatchObject({
    status: 'connected',
    connection: { tokenExpiresAt: null, externalAccountId: null },
  })
  expect(github.oauth?.tokens({ token: 'ghp_1' })).toEqual({ refreshToken: null, expiresAt: null })
})

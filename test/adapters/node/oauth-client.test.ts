import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, test } from 'vitest'
import { createHttpTransport } from '../../../src/adapters/node/http-transport.ts'
import { createOAuthClient } from '../../../src/adapters/node/oauth-client.ts'
import type { OAuthApp, OAuthExchange } from '../../../src/core/ports/oauth-client.ts'
import { type FakeProvider, type FakeRequest, startFakeProvider } from '../../../src/testing/fake-provider.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const { send } = createHttpTransport({ allowPrivateNetwork: true })
const at = new Date('2026-11-24T10:00:00Z')
const exchange: OAuthExchange = { at, timeoutMs: 5_000, send, signal: null }

/** A token endpoint that answers so. */
async function serve(
  answer: unknown,
  { status = 200, type = 'application/json', headers = {} }: { status?: number; type?: string; headers?: object } = {},
): Promise<FakeProvider> {
  return serveBy((_request, response) => {
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
}

async function serveBy(answer: (request: FakeRequest, response: ServerResponse) => void): Promise<FakeProvider> {
  const server = await startFakeProvider(answer)
  closers.push(server.close)
  return server
}

function appAt(origin: string, more: Partial<OAuthApp> = {}): OAuthApp {
  return {
    label: 'Acme',
    clientId: 'app:1',
    clientSecret: 's3cret/+ %',
    clientAuthentication: 'client_secret_basic',
    server: { authorizationUrl: `${origin}/authorize`, tokenUrl: `${origin}/token` },
    scopeSeparator: ' ',
    tokenParameters: {},
    quirks: {},
    ...more,
  }
}

const good = { access_token: 'access-1', token_type: 'Bearer', expires_in: 3600, refresh_token: 'refresh-2' }
const grant = { code: 'code-1', issuer: null, redirectUri: 'https://app.test/cb', codeVerifier: 'v'.repeat(43) }
const refresh = (app: OAuthApp, more: Partial<OAuthExchange> = {}) =>
  createOAuthClient().refresh(app, { refreshToken: 'refresh-1' }, { ...exchange, ...more })

describe('a code', () => {
  it('is exchanged with its verifier, the same redirect URI and the form-encoded secret', async () => {
    const server = await serve({ ...good, scope: 'read,write' })
    const tokens = await createOAuthClient().exchange(appAt(server.origin), grant, exchange)
    expect(tokens).toMatchObject({
      accessToken: 'access-1',
      refreshToken: 'refresh-2',
      expiresAt: new Date('2026-11-24T11:00:00Z'),
      scopes: ['read', 'write'],
      claims: null,
    })
    const [request] = server.requests
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: 'https://app.test/cb',
      code_verifier: 'v'.repeat(43),
    })
    const basic = Buffer.from(request?.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
    expect(basic).toBe('app%3A1:s3cret%2F%2B+%25')
  })

  it('that comes with another issuer than the declared one is not sent anywhere', async () => {
    const server = await serve(good)
    const endpoints = { authorizationUrl: `${server.origin}/authorize`, tokenUrl: `${server.origin}/token` }
    const app = appAt(server.origin, { server: { ...endpoints, issuer: 'https://acme.test' } })
    const client = createOAuthClient()
    await expect(client.exchange(app, { ...grant, issuer: 'https://evil.test' }, exchange)).rejects.toMatchObject({
      code: 'OAUTH_ISSUER_MISMATCH',
    })
    expect(server.requests).toEqual([])
    await expect(client.exchange(app, { ...grant, issuer: 'https://acme.test' }, exchange)).resolves.toMatchObject({
      accessToken: 'access-1',
    })
  })
})

describe('the application proves who it is', () => {
  it('in the body, or not at all', async () => {
    const server = await serve(good)
    await refresh(appAt(server.origin, { clientAuthentication: 'client_secret_post' }))
    await refresh(appAt(server.origin, { clientAuthentication: 'none', clientSecret: null }))
    const [post, none] = server.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
    expect(post).toMatchObject({ client_id: 'app:1', client_secret: 's3cret/+ %' })
    expect(none).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh-1', client_id: 'app:1' })
    expect(server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true)
  })
})

describe('a refresh', () => {
  it('answers no refresh token where the server gives none', async () => {
    const server = await serve({
      access_token: 'access-2',
      token_type: 'bearer',
      refresh_token: null,
      expires_in: '60',
    })
    await expect(refresh(appAt(server.origin))).resolves.toMatchObject({
      refreshToken: null,
      expiresAt: new Date('2026-11-24T10:01:00Z'),
    })
  })

  test.each([
    ['an error with HTTP 200', { error: 'invalid_grant' }, {}, 'OAUTH_GRANT_INVALID', false],
    ['an error with HTTP 400', { error: 'invalid_grant' }, { status: 400 }, 'OAUTH_GRANT_INVALID', false],
    ['an error as a form', 'error=invalid_grant', { type: 'text/plain' }, 'OAUTH_GRANT_INVALID', false],
    [
      'a refused application, with a challenge',
      { error: 'invalid_client' },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
      'OAUTH_APP_REFUSED',
      false,
    ],
    ['401 without a word', '', { status: 401 }, 'OAUTH_APP_REFUSED', false],
    ['another error', { error: 'invalid_scope' }, { status: 400 }, 'PROVIDER_REJECTED', false],
    ['a firewall', '<html>', { status: 403, type: 'text/html' }, 'PROVIDER_REJECTED', false],
    ['a failing server', { error: 'invalid_grant' }, { status: 503 }, 'PROVIDER_UNAVAILABLE', true],
    ['a page with HTTP 200', '<html>', { type: 'text/html' }, 'PROVIDER_UNAVAILABLE', true],
    ['an answer without a token', { token_type: 'bearer' }, {}, 'PROVIDER_UNAVAILABLE', true],
    ['an answer without a type', { access_token: 'x' }, {}, 'PROVIDER_UNAVAILABLE', true],
    ['a redirect', '', { status: 302, headers: { location: 'https://x.test' } }, 'PROVIDER_UNAVAILABLE', true],
  ] as const)('that ends in %s', async (_what, answer, options, code, retryable) => {
    const server = await serve(answer, options)
    await expect(refresh(appAt(server.origin))).rejects.toMatchObject({ code, retryable })
    expect(server.requests).toHaveLength(1)
  })

  // The old refresh token may be worthless by now: what comes with a token must not be reason to throw both away.
  test.each([
    ['no number', '1h', null],
    ['nothing, for never', 0, null],
    ['a debt', -1, null],
    ['a list', [60], null],
    ['a text', '60', new Date('2026-11-24T10:01:00Z')],
    ['a part of a second', 0.5, new Date('2026-11-24T10:00:00.500Z')],
    ['longer than databases can say', 1e12, null],
    ['longer than a Date can say', 1e300, null],
  ])('with a lifetime that is %s keeps its tokens', async (_what, expires_in, expiresAt) => {
    const server = await serve({ ...good, expires_in })
    await expect(refresh(appAt(server.origin))).resolves.toMatchObject({ refreshToken: 'refresh-2', expiresAt })
  })

  it('takes no notice of an ID token, which may be from a clock that differs', async () => {
    const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
    const claims = { iss: 'https://other.test', sub: 'x', aud: 'app:1', iat: 1, exp: 2 }
    const server = await serve({ ...good, id_token: `${part({ alg: 'RS256' })}.${part(claims)}.c2ln` })
    const issuer = 'https://acme.test'
    const app = appAt(server.origin)
    const known = { ...app, server: { ...app.server, issuer } as typeof app.server }
    await expect(refresh(known)).resolves.toMatchObject({ refreshToken: 'refresh-2', claims: null })
  })

  it('that is one too many says when the next may come', async () => {
    const server = await serve({ error: 'slow_down' }, { status: 429, headers: { 'retry-after': '7' } })
    await expect(refresh(appAt(server.origin))).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7_000 })
  })

  it('puts no secret into its errors, not even what the server says of it', async () => {
    const description = 'refresh-1 and s3cret/+ % are unknown'
    const server = await serve({ error: 'invalid_grant', error_description: description }, { status: 400 })
    const app = appAt(server.origin, { tokenParameters: { audience: 'x' } })
    const error = await refresh(app).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('are unknown')
    expect(inspect(error, { depth: 9 })).not.toMatch(/refresh-1|s3cret/)
    const odd = await serve({ access_token: 'access-9' })
    const other = await refresh(appAt(odd.origin)).catch((thrown: unknown) => thrown)
    expect(inspect(other, { depth: 9 })).not.toMatch(/access-9/)
  })

  it('ends with its time, and when it is called off', async () => {
    const server = await serveBy(() => {})
    await expect(refresh(appAt(server.origin), { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
    })
    await expect(refresh(appAt(server.origin), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })

  it('does not reach an address that the egress guard refuses', async () => {
    const server = await serve(good)
    const guarded = createHttpTransport()
    await expect(refresh(appAt(server.origin), { send: guarded.send })).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
    })
    expect(server.requests).toEqual([])
  })
})

test('quirks: no token type, and tokens that stand deeper', async () => {
  const bare = await serve({ access_token: 'access-1' })
  await expect(refresh(appAt(bare.origin, { quirks: { lacksTokenType: true } }))).resolves.toMatchObject({
    accessToken: 'access-1',
  })
  const deep = await serve({ ok: true, user: { access_token: 'deep-1', token_type: 'bearer' } })
  const quirks = { rewrite: ({ user }: { readonly user?: unknown }) => user as { access_token: string } }
  await expect(refresh(appAt(deep.origin, { quirks }))).resolves.toMatchObject({ accessToken: 'deep-1' })
})

describe('the consent page', () => {
  const request = {
    redirectUri: 'https://app.test/cb',
    state: 'state-1',
    codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    scopes: ['read', 'write'],
    parameters: { access_type: 'offline', state: 'not mine' },
  }

  it('gets the challenge of RFC 7636, and no parameter of the provider displaces one of ours', async () => {
    const app = appAt('https://acme.test', {
      scopeSeparator: ',',
      server: { authorizationUrl: 'https://acme.test/authorize?tenant=1', tokenUrl: 'https://acme.test/token' },
    })
    const url = new URL(await createOAuthClient().authorizationUrl(app, request, exchange))
    expect(url.origin + url.pathname).toBe('https://acme.test/authorize')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      access_type: 'offline',
      response_type: 'code',
      client_id: 'app:1',
      redirect_uri: 'https://app.test/cb',
      scope: 'read,write',
      state: 'state-1',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
  })

  it('is found by the issuer, once an hour, also where there is no OpenID', async () => {
    const server = await serveBy(({ url }, response) => {
      const isThere = url === '/.well-known/oauth-authorization-server'
      response.writeHead(isThere ? 200 : 404, { 'content-type': 'application/json' })
      const { origin } = server
      const endpoints = { authorization_endpoint: `${origin}/a`, token_endpoint: `${origin}/t` }
      response.end(JSON.stringify(isThere ? { issuer: origin, ...endpoints } : {}))
    })
    const client = createOAuthClient()
    const app = appAt('', { server: { issuer: server.origin } })
    const ask = (now: Date) => client.authorizationUrl(app, request, { ...exchange, at: now })
    expect(await ask(at)).toContain(`${server.origin}/a?`)
    await ask(new Date(at.getTime() + 3_599_999))
    expect(server.requests).toHaveLength(2)
    await ask(new Date(at.getTime() + 3_600_000))
    expect(server.requests).toHaveLength(4)
  })

  it('of a server that calls itself otherwise is not used', async () => {
    const server = await serve({ issuer: 'https://evil.test', authorization_endpoint: 'https://evil.test/a' })
    const app = appAt('', { server: { issuer: server.origin } })
    await expect(createOAuthClient().authorizationUrl(app, request, exchange)).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
    })
  })
})

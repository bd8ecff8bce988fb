import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { createConnectors } from '../../src/create-connectors.ts'
import { github } from '../../src/providers/github/github.ts'
import { testApp, testBaseUrl } from '../support/authorization-server.ts'
import { createConsentWorld } from '../support/consent-world.ts'
import { testKey } from '../support/shop-world.ts'

/** The cookie as the browser sends it. */
const sent = (setCookie: string | null) => `other=1; ${(setCookie ?? '').split(';')[0]}`

describe('an account', () => {
  it('is connected on the consent page: with PKCE, a single code, and whoever the provider says it is', async () => {
    const { begin, authorization, comeBack, stored, tenant, notebook, repositories } = await createConsentWorld()
    const { url, cookie } = await begin({ returnTo: '/settings?tab=apps' })
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256')
    expect(cookie).toMatch(
      /^__Host-bapp-oauth-[0-9a-f]{16}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    )
    const back = await authorization.person().visit(url, 'notes-of-ann')
    const response = await comeBack(back, sent(cookie))

    const [connection] = await stored()
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe(
      `https://app.test/settings?tab=apps&oauth=connected&connection=${connection?.id}`,
    )
    expect(response.headers.get('set-cookie')).toMatch(/=; Path=\/; Max-Age=0;/)
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(connection).toMatchObject({
      externalAccountId: 'notes-of-ann',
      displayName: 'Notes of notes-of-ann',
      isConnected: true,
      isOperational: true,
    })
    expect(connection?.tokenExpiresAt).toBeInstanceOf(Date)
    const row = await repositories.connections.find({ scope: { kind: 'operator' }, id: connection?.id ?? '' })
    expect(row?.tokenRefreshAt?.getTime()).toBeLessThan(row?.tokenExpiresAt?.getTime() ?? 0)
    expect(authorization.requests.filter((request) => request === 'POST /token')).toHaveLength(1)
    const adapter = await tenant('acme').connections.adapter(connection?.id ?? '', notebook)
    await expect(adapter.whoAmI()).resolves.toMatchObject({ sub: 'notes-of-ann' })
  })

  it('is connected where the endpoints are looked up', async () => {
    const world = await createConsentWorld({ server: (issuer) => ({ issuer }) })
    const { url, cookie } = await world.begin()
    const response = await world.comeBack(await world.authorization.person().visit(url, 'ann'), sent(cookie))
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('Notes of ann is connected. You can close this page.\n')
    expect(await world.stored()).toMatchObject([{ isOperational: true }])
  })

  it('leaves its tracks in the audit log, and none of its secrets anywhere', async () => {
    const world = await createConsentWorld()
    const { url, cookie } = await world.begin()
    const back = await world.authorization.person().visit(url, 'ann')
    await world.comeBack(back, sent(cookie))
    await world.connectors.close()
    const { items } = await world.repositories.executionLogs.list({
      scope: { kind: 'operator' },
      filter: {},
      limit: 100,
      after: null,
    })
    expect(items.map(({ action }) => action).toSorted()).toEqual(['oauth.account', 'oauth.exchange', 'test'])
    const secrets = [testApp.clientSecret, new URL(back).searchParams.get('code') ?? '?']
    const told = JSON.stringify(items) + world.lines.join('\n')
    for (const secret of secrets) expect(told).not.toContain(secret)
  })
})

describe('nothing is stored, and it is said why', () => {
  /** What a refusal looks like from outside. */
  const expectRefused = async (response: Response, reason: string) => {
    expect(response.status).toBe(303)
    const { origin, pathname, searchParams } = new URL(response.headers.get('location') ?? '')
    expect(origin + pathname).toBe('https://app.test/done')
    expect(Object.fromEntries(searchParams)).toEqual({ oauth: 'refused', reason })
  }
  const returnTo = '/done'

  it('when the person says no', async () => {
    const { begin, authorization, comeBack, stored } = await createConsentWorld()
    const { url, cookie } = await begin({ returnTo })
    const back = await authorization.person().visit(url, null)
    expect(new URL(back).searchParams.get('error')).toBe('access_denied')
    await expectRefused(await comeBack(back, sent(cookie)), 'denied')
    expect(await stored()).toEqual([])
    expect(authorization.requests).not.toContain('POST /token')
  })

  it('when a state is used a second time, and the code with it', async () => {
    const { begin, authorization, comeBack, stored } = await createConsentWorld()
    const { url, cookie } = await begin({ returnTo })
    const back = await authorization.person().visit(url, 'ann')
    await comeBack(back, sent(cookie))
    const again = await comeBack(back, sent(cookie))
    expect(again.status).toBe(400)
    expect(await again.text()).toMatch(/^The account was not connected. This attempt is not known/)
    expect(await stored()).toHaveLength(1)
    expect(authorization.requests.filter((request) => request === 'POST /token')).toHaveLength(1)
  })

  it('when two come back at once, the code is exchanged once', async () => {
    const { begin, authorization, comeBack, stored } = await createConsentWorld()
    const { url, cookie } = await begin()
    const back = await authorization.person().visit(url, 'ann')
    const responses = await Promise.all(Array.from({ length: 8 }, () => comeBack(back, sent(cookie))))
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await stored()).toHaveLength(1)
    expect(authorization.refusals).toEqual([])
  })

  it('when ten minutes are over', async () => {
    const { begin, authorization, comeBack, stored, clock } = await createConsentWorld()
    const { url, cookie } = await begin()
    const back = await authorization.person().visit(url, 'ann')
    await clock.advance(600_000)
    expect((await comeBack(back, sent(cookie))).status).toBe(400)
    expect(await stored()).toEqual([])
    expect(authorization.requests).not.toContain('POST /token')
  })

  it('when another browser comes back, or one with the cookie of another attempt', async () => {
    const { begin, authorization, comeBack, stored } = await createConsentWorld()
    for (const wrong of ['nothing', 'forged', 'of another attempt'] as const) {
      const { url, cookie } = await begin({ returnTo })
      const other = await begin({ returnTo })
      const back = await authorization.person().visit(url, 'ann')
      const [name] = sent(cookie).slice('other=1; '.length).split('=')
      const cookies = { nothing: null, forged: `${name}=${'A'.repeat(43)}`, 'of another attempt': sent(other.cookie) }
      await expectRefused(await comeBack(back, cookies[wrong]), 'otherBrowser')
      // It is used up: the right browser comes too late.
      expect((await comeBack(back, sent(cookie))).status).toBe(400)
    }
    expect(await stored()).toEqual([])
    expect(authorization.requests).not.toContain('POST /token')
  })

  it("when a victim is led to an attacker's own state", async () => {
    const { begin, authorization, comeBack, stored } = await createConsentWorld()
    const attack = await begin({ returnTo, actor: 'mallory' }, 'mallory')
    const victim = await begin({ returnTo })
    const back = await authorization.person().visit(attack.url, 'ann')
    await expectRefused(await comeBack(back, sent(victim.cookie)), 'otherBrowser')
    expect(await stored('mallory')).toEqual([])
    expect(await stored()).toEqual([])
  })

  it('when a tenant or a person ends what another began', async () => {
    const { begin, authorization, tenant, stored } = await createConsentWorld()
    for (const [tenantId, actor, reason] of [
      ['globex', 'ann', 'otherTenant'],
      ['acme', 'bob', 'otherActor'],
    ] as const) {
      const { url, cookie } = await begin()
      const back = await authorization.person().visit(url, 'ann')
      const returned = { provider: 'notebook', url: back, cookie: sent(cookie), actor }
      await expect(tenant(tenantId).oauth.callback(returned)).resolves.toMatchObject({ status: 'refused', reason })
    }
    expect([...(await stored()), ...(await stored('globex'))]).toEqual([])
    expect(authorization.requests).not.toContain('POST /token')
  })

  it('when the verifier is not the one of the challenge', async () => {
    const { begin, authorization, comeBack, stored, lines } = await createConsentWorld()
    const { url, cookie } = await begin({ returnTo })
    const asked = new URL(url)
    asked.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
    await expectRefused(await comeBack(await authorization.person().visit(asked.href, 'ann'), sent(cookie)), 'failed')
    expect(authorization.refusals).toEqual(['invalid_grant'])
    expect(lines.join('\n')).toContain('OAUTH_GRANT_INVALID')
    expect(await stored()).toEqual([])
  })

  it("when the application's secret is wrong", async () => {
    const world = await createConsentWorld({ app: { clientSecret: 'wrong' } })
    const { url, cookie } = await world.begin({ returnTo })
    await expectRefused(
      await world.comeBack(await world.authorization.person().visit(url, 'ann'), sent(cookie)),
      'failed',
    )
    expect(world.lines.join('\n')).toContain('OAUTH_APP_REFUSED')
    expect(await world.stored()).toEqual([])
  })

  it('when another authorization server answers, and none where one was promised', async () => {
    for (const server of [undefined, (issuer: string) => ({ issuer })]) {
      const world = await createConsentWorld(server && { server })
      const { url, cookie } = await world.begin({ returnTo })
      const back = new URL(await world.authorization.person().visit(url, 'ann'))
      if (server === undefined) back.searchParams.set('iss', 'https://evil.test')
      else back.searchParams.delete('iss')
      await expectRefused(await world.comeBack(back.href, sent(cookie)), 'otherIssuer')
      expect(world.authorization.requests).not.toContain('POST /token')
      expect(await world.stored()).toEqual([])
    }
  })

  it('when a parameter is there twice', async () => {
    const { begin, authorization, comeBack, stored } = await createConsentWorld()
    const { url, cookie } = await begin()
    const back = await authorization.person().visit(url, 'ann')
    expect((await comeBack(`${back}&code=another`, sent(cookie))).status).toBe(400)
    expect(await stored()).toEqual([])
  })

  it('when somebody writes an error into a link: its text is shown to nobody', async () => {
    const { begin, comeBack } = await createConsentWorld()
    const { url, cookie } = await begin()
    const state = new URL(url).searchParams.get('state')
    const forged = `${testBaseUrl}/callback/notebook?state=${state}&error=<script>&error_description=call+0900`
    const response = await comeBack(forged, sent(cookie))
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).not.toMatch(/script|0900/)
  })
})

describe('a reconnect', () => {
  it('gives the connection new credentials, and keeps its id and settings', async () => {
    const { begin, authorization, comeBack, stored, repositories } = await createConsentWorld()
    const first = await begin()
    await comeBack(await authorization.person().visit(first.url, 'ann'), sent(first.cookie))
    const [before] = await stored()
    const connectionId = before?.id ?? ''
    const scope = { kind: 'operator' } as const
    const old = await repositories.connections.find({ scope, id: connectionId })

    const again = await begin({ connectionId })
    const response = await comeBack(await authorization.person().visit(again.url, 'ann'), sent(again.cookie))
    expect(response.status).toBe(200)
    expect(await stored()).toMatchObject([{ id: connectionId, settings: { region: 'eu' }, isOperational: true }])
    const row = await repositories.connections.find({ scope, id: connectionId })
    expect(row?.credentialsVersion).toBe((old?.credentialsVersion ?? 0) + 1)
  })

  it('with another account is refused, and the old credentials go on working', async () => {
    const { begin, authorization, comeBack, stored, repositories, tenant, notebook } = await createConsentWorld()
    const first = await begin()
    await comeBack(await authorization.person().visit(first.url, 'ann'), sent(first.cookie))
    const connectionId = (await stored())[0]?.id ?? ''
    const scope = { kind: 'operator' } as const
    const old = await repositories.connections.find({ scope, id: connectionId })

    const again = await begin({ connectionId })
    const response = await comeBack(await authorization.person().visit(again.url, 'bob'), sent(again.cookie))
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('another account')
    expect(await repositories.connections.find({ scope, id: connectionId })).toEqual(old)
    const adapter = await tenant('acme').connections.adapter(connectionId, notebook)
    await expect(adapter.whoAmI()).resolves.toMatchObject({ sub: 'ann' })
  })

  it("to another tenant's connection can not be begun, nor to one that is deleted meanwhile ended", async () => {
    const { begin, authorization, comeBack, stored, tenant } = await createConsentWorld()
    const first = await begin()
    await comeBack(await authorization.person().visit(first.url, 'ann'), sent(first.cookie))
    const connectionId = (await stored())[0]?.id ?? ''
    await expect(begin({ connectionId }, 'globex')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
    const again = await begin({ connectionId })
    await tenant('acme').connections.delete(connectionId)
    expect((await comeBack(await authorization.person().visit(again.url, 'ann'), sent(again.cookie))).status).toBe(400)
    expect(await stored()).toEqual([])
  })
})

describe('what is asked for is checked before anybody is sent anywhere', () => {
  test.each([
    ['settings that do not fit', { settings: { region: 'moon' } as never }, 'INVALID_SETTINGS'],
    ['no actor', { actor: ' ' }, 'INVALID_INPUT'],
    ['a redirect URI over http', { redirectUri: 'http://app.test/back' }, 'INVALID_INPUT'],
    ['a redirect URI with a fragment', { redirectUri: 'https://app.test/back#x' }, 'INVALID_INPUT'],
    ['an end elsewhere', { returnTo: 'https://evil.test/' }, 'INVALID_INPUT'],
    ['an end elsewhere without a scheme', { returnTo: '//evil.test/' }, 'INVALID_INPUT'],
    ['an end elsewhere as browsers read it', { returnTo: '/\\evil.test/' }, 'INVALID_INPUT'],
    ['an end behind a tab', { returnTo: '/\t/evil.test/' }, 'INVALID_INPUT'],
    ['an end that is a script', { returnTo: 'javascript:alert(1)' }, 'INVALID_INPUT'],
    ['an end with a user', { returnTo: 'https://evil@app.test/' }, 'INVALID_INPUT'],
    ['a misspelled key', { returnto: '/' } as never, 'INVALID_INPUT'],
  ])('%s', async (_what, request, code) => {
    const { begin } = await createConsentWorld()
    await expect(begin(request)).rejects.toMatchObject({ code })
  })

  it('a second connection where the provider allows one: it says which to connect anew', async () => {
    const { begin, authorization, comeBack, stored } = await createConsentWorld({ allowMultiple: false })
    const first = await begin()
    await comeBack(await authorization.person().visit(first.url, 'ann'), sent(first.cookie))
    const [connection] = await stored()
    await expect(begin()).rejects.toMatchObject({
      code: 'CONNECTION_EXISTS',
      message: expect.stringContaining(connection?.id ?? '?'),
    })
  })
})

test('on http localhost the cookie is one that browsers take there', async () => {
  const { begin } = await createConsentWorld()
  const { cookie } = await begin({ redirectUri: 'http://localhost:3000/back' })
  expect(cookie).toMatch(/^bapp-oauth-[0-9a-f]{16}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/)
})

test('a link for another device needs no cookie, and works once', async () => {
  const { begin, authorization, comeBack, stored } = await createConsentWorld()
  const { url, cookie, toResponse } = await begin({ anyBrowser: true })
  expect(cookie).toBeNull()
  expect(toResponse().headers.get('set-cookie')).toBeNull()
  const back = await authorization.person().visit(url, 'ann')
  expect((await comeBack(back, null)).status).toBe(200)
  expect((await comeBack(back, null)).status).toBe(400)
  expect(await stored()).toHaveLength(1)
})

test('what is stored meanwhile tells nobody anything, and is removed when nobody comes back', async () => {
  const { begin, clock, connectors, states } = await createConsentWorld()
  const { url, cookie } = await begin()
  const seen = inspect(states, { depth: 9 })
  for (const secret of [new URL(url).searchParams.get('state'), sent(cookie).split('=').at(-1)]) {
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(seen).not.toContain(secret)
  }
  expect(await connectors.operator.oauth.prune()).toEqual({ removedCount: 0 })
  await clock.advance(600_001)
  expect(await connectors.operator.oauth.prune()).toEqual({ removedCount: 1 })
})

test('a state is good at the address of the provider that it was made for, and at no other', async () => {
  const { begin, authorization, notebook, repositories, stored, comeBack } = await createConsentWorld()
  const { url, cookie } = await begin()
  const back = new URL(await authorization.person().visit(url, 'notes-of-ann'))
  const both = createConnectors(repositories, {
    providers: [notebook, github],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    http: { allowPrivateNetwork: true },
    oauth: { baseUrl: testBaseUrl, apps: { notebook: testApp, github: { clientId: 'id', clientSecret: 'secret' } } },
  })
  onTestFinished(() => both.close())
  const sentBy = { headers: { cookie: sent(cookie) } }
  const response = await both.handler(new Request(`${testBaseUrl}/callback/github${back.search}`, sentBy))
  expect(response.status).toBe(400)
  expect(await response.text()).toMatch(/not known/)
  expect(authorization.requests).not.toContain('POST /token')
  // Whoever tried it has used it up.
  expect((await comeBack(back.href, sent(cookie))).status).toBe(400)
  expect(await stored()).toEqual([])
})

test('the route answers only what is its own', async () => {
  const { comeBack, connectors } = await createConsentWorld()
  expect((await comeBack(`${testBaseUrl}/callback/nobody?state=x`, null)).status).toBe(404)
  expect((await comeBack(`${testBaseUrl}/callback`, null)).status).toBe(404)
  const post = await connectors.handler(new Request(`${testBaseUrl}/callback/notebook`, { method: 'POST' }))
  expect(post.status).toBe(405)
  const { status } = await comeBack(`${testBaseUrl}/callback/notebook`, null)
  expect(status).toBe(400)
})

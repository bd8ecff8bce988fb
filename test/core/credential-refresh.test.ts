import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import { createNotebookWorld, hour } from '../support/notebook-world.ts'

const minute = 60_000

describe('ahead of expiry', () => {
  test('credentials are refreshed before a call, once, and the new ones are stored before they are used', async () => {
    const { connect, clock, server, eventsOf } = await createNotebookWorld()
    const { adapter, row } = await connect()
    await adapter.whoAmI()
    expect(server.refreshes).toEqual([])
    await clock.advance(hour - 2 * minute)
    let storedAtFirstUse: number | undefined
    server.beforeAnswer = async () => {
      storedAtFirstUse = (await row())?.credentialsVersion
    }
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    await adapter.whoAmI()
    expect(server.refreshes).toEqual(['refresh-token-1'])
    expect(storedAtFirstUse).toBe(1)
    expect(await row()).toMatchObject({ credentialsVersion: 2, refreshLeaseOwner: null, isConnected: true })
    expect((await row())?.tokenExpiresAt).toEqual(new Date(clock.now().getTime() + hour))
    expect(eventsOf('credentials.refreshed')).toMatchObject([{ credentialsVersion: 2 }])
  })

  test('a refresh that fails holds nobody up while the old token works, and is not tried at every call', async () => {
    const { connect, clock, server, logLines } = await createNotebookWorld()
    const { adapter, row } = await connect()
    await clock.advance(hour - 2 * minute)
    server.fail({ status: 500 })
    const sent = server.requests.length
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    expect(server.requests.slice(sent).map(({ url }) => url)).toEqual(['/token', '/me', '/me'])
    expect(await row()).toMatchObject({ credentialsVersion: 1, refreshLeaseOwner: null })
    // Told once, not by every call.
    expect(logLines.filter((line) => line.includes('could not be refreshed'))).toHaveLength(1)
    await clock.advance(10_000)
    await adapter.whoAmI()
    expect(await row()).toMatchObject({ credentialsVersion: 2 })
  })

  test('an answer without a new refresh token keeps the old one', async () => {
    const { connect, clock, server } = await createNotebookWorld()
    const { adapter } = await connect()
    server.rotates = false
    for (let round = 0; round < 2; round += 1) {
      await clock.advance(hour - minute)
      await adapter.whoAmI()
    }
    expect(server.refreshes).toEqual(['refresh-token-1', 'refresh-token-1'])
  })
})

describe('the audit log', () => {
  const bodies = ['failures', 'always'] as const
  test.each(bodies)('has a row for a token request, and none of its secrets (bodies: %s)', async (kept) => {
    const { connect, clock, server, connectors } = await createNotebookWorld({ options: { audit: { bodies: kept } } })
    const { id, adapter } = await connect()
    await clock.advance(hour + minute)
    server.fail({ status: 400, body: { error: 'temporarily_unavailable' } })
    await expect(adapter.whoAmI()).rejects.toThrow()
    await clock.advance(minute)
    await adapter.whoAmI()
    const all = await connectors.operator.executions.list({ connectionId: id }).all()
    const rows = all.filter(({ action }) => action === 'oauth.refresh')
    expect(
      rows.map(({ method, url, responseStatus }) => `${method} ${new URL(url).pathname} ${responseStatus}`),
    ).toEqual(['POST /token 200', 'POST /token 400'])
    expect(rows[0]).toMatchObject({ requestPayload: null, responsePayload: null, attempt: 1 })
    expect(rows[1]?.requestPayload).toContain('grant_type=refresh_token')
    expect(JSON.stringify(rows)).not.toMatch(/(access|refresh)-token-\d|secret-of-our-app/)
  })
})

describe('many calls with an expired token', () => {
  test('of two processes make one refresh, and all succeed', async () => {
    const { connect, clock, letTimePass, server, eventsOf } = await createNotebookWorld({ processes: 2 })
    const { adapters, row } = await connect()
    await clock.advance(hour + minute)
    const calls = adapters.flatMap((adapter) => Array.from({ length: 50 }, () => adapter.whoAmI()))
    // Whoever waits for the other process looks again when time goes on.
    const answers = await letTimePass(Promise.all(calls))
    expect(new Set(answers.map(({ sub }) => sub))).toEqual(new Set(['ada']))
    expect(server.refreshes).toEqual(['refresh-token-1'])
    expect(server.reuseCount()).toBe(0)
    expect(await row()).toMatchObject({ credentialsVersion: 2, authFailureCount: 0 })
    expect(eventsOf('credentials.refreshed')).toHaveLength(1)
  })

  test('fail together, with one request, where the provider is away, and the connection keeps its grant', async () => {
    const { connect, clock, server } = await createNotebookWorld()
    const { adapter, row } = await connect()
    await clock.advance(hour + minute)
    const sent = server.requests.length
    server.fail({ status: 503 }, 1)
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => adapter.whoAmI()))
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true)
    expect(server.requests.slice(sent).map(({ url }) => url)).toEqual(['/token'])
    expect(await row()).toMatchObject({ isConnected: true, needsReauthorization: false, authFailureCount: 0 })
    await clock.advance(10_000)
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
  })
})

test('whoever died with the right to refresh holds up others for as long as it was given, and nobody asks meanwhile', async () => {
  const { connect, clock, letTimePass, server, repositories } = await createNotebookWorld({ processes: 2 })
  const { id, adapters, row } = await connect()
  await clock.advance(hour + minute)
  const lease = { owner: 'dead', at: clock.now(), leaseMs: minute, clockSkewMs: 10_000, expectedCredentialsVersion: 1 }
  await repositories.connections.acquireRefreshLease({ tenantId: 'acme', id }, lease)
  const isOverAt = clock.now().getTime() + minute + 10_000
  let askedAt = 0
  server.beforeToken = () => {
    askedAt = clock.now().getTime()
    // The other one has waited as long, and has to wait for this too.
    return new Promise<void>((resolve) => void clock.schedule(3_000, resolve))
  }
  await letTimePass(Promise.all(adapters.flatMap((adapter) => [adapter.whoAmI(), adapter.whoAmI()])), 500)
  expect(server.refreshes).toEqual(['refresh-token-1'])
  expect(askedAt).toBeGreaterThanOrEqual(isOverAt)
  expect(await row()).toMatchObject({ credentialsVersion: 2, refreshLeaseOwner: null })
})

describe('a lost grant', () => {
  test('is told once, closes the gate, and is not asked about again', async () => {
    const { connect, clock, letTimePass, server, eventsOf } = await createNotebookWorld({ processes: 2 })
    const { id, tenant, adapters, row } = await connect()
    server.revoke('ada')
    await clock.advance(hour + minute)
    const outcomes = await letTimePass(
      Promise.allSettled(adapters.flatMap((adapter) => [adapter.whoAmI(), adapter.whoAmI()])),
    )
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ reason: { code: /AUTHENTICATION_FAILED|NOT_OPERATIONAL/ } })
    expect(server.requests.filter(({ url }) => url === '/token')).toHaveLength(1)
    expect(eventsOf('connection.needsReauthorization')).toMatchObject([
      { connectionId: id, connection: { needsReauthorization: true } },
    ])
    expect(await row()).toMatchObject({
      isConnected: false,
      isEnabled: true,
      needsReauthorization: true,
      refreshLeaseOwner: null,
    })
    const sent = server.requests.length
    await expect(tenant.connections.test(id)).resolves.toMatchObject({
      status: 'refused',
      message: expect.stringMatching(/revoked or has expired.*oauth\.authorize/),
    })
    await expect(adapters[0]?.whoAmI()).rejects.toMatchObject({ code: 'CONNECTION_NOT_OPERATIONAL' })
    expect(server.requests.length).toBe(sent)
    expect(eventsOf('connection.needsReauthorization')).toHaveLength(1)
  })

  test('is no loss if somebody else has refreshed meanwhile', async () => {
    const { connect, clock, server, provider, start, eventsOf } = await createNotebookWorld()
    const { id, adapter, row } = await connect()
    await clock.advance(hour + minute)
    const elsewhere = start().forTenant('acme')
    server.beforeToken = () => elsewhere.connections.rotateCredentials(id, server.grant('ada'), provider)
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    expect(eventsOf('connection.needsReauthorization')).toEqual([])
    expect(await row()).toMatchObject({ credentialsVersion: 2, needsReauthorization: false })
  })

  test('credentials that somebody gives while a refresh is under way are not overwritten by its answer', async () => {
    const { connect, clock, server, provider, start, eventsOf } = await createNotebookWorld()
    const { id, adapter, row } = await connect()
    await clock.advance(hour + minute)
    const elsewhere = start().forTenant('acme')
    const given = { ...server.grant('bob'), expiresAt: new Date(clock.now().getTime() + hour).toISOString() }
    server.beforeAnswer = () => elsewhere.connections.rotateCredentials(id, given, provider)
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'bob' })
    expect(await row()).toMatchObject({ credentialsVersion: 2, refreshLeaseOwner: null })
    expect(eventsOf('credentials.refreshed')).toEqual([])
  })

  test('an application that is refused says nothing about the grants of its tenants', async () => {
    const { connect, clock, eventsOf } = await createNotebookWorld({
      options: { oauth: { apps: { notebook: { clientId: 'our-app', clientSecret: 'an-old-one' } } } },
    })
    const { adapter, row } = await connect()
    await clock.advance(hour + minute)
    await expect(adapter.whoAmI()).rejects.toMatchObject({ code: 'OAUTH_APP_REFUSED' })
    expect(await row()).toMatchObject({ isConnected: true, needsReauthorization: false, authFailureCount: 0 })
    expect(eventsOf('connection.needsReauthorization')).toEqual([])
  })
})

describe('a token that is refused before its time', () => {
  test('is refreshed once, and the call is made again', async () => {
    const { connect, server } = await createNotebookWorld()
    const { adapter, row } = await connect()
    server.forgetAccessToken('ada')
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    expect(server.refreshes).toHaveLength(1)
    expect(await row()).toMatchObject({ credentialsVersion: 2, authFailureCount: 0, isConnected: true })
  })

  test('of many concurrent calls is refreshed once', async () => {
    const { connect, server } = await createNotebookWorld()
    const { adapter } = await connect()
    server.forgetAccessToken('ada')
    await Promise.all(Array.from({ length: 20 }, () => adapter.whoAmI()))
    expect(server.refreshes).toHaveLength(1)
  })

  test('counts if the new one is refused too, and then trips the breaker without any more refreshes', async () => {
    const { connect, server, eventsOf } = await createNotebookWorld()
    const { adapter, row } = await connect()
    server.beforeAnswer = async () => server.forgetAccessToken('ada')
    server.forgetAccessToken('ada')
    for (let call = 1; call <= 3; call += 1) {
      await expect(adapter.whoAmI()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
      expect((await row())?.authFailureCount).toBe(call)
    }
    expect(server.refreshes).toHaveLength(1)
    expect(eventsOf('connection.disabled')).toHaveLength(1)
  })
})

describe('a store that fails while there are new credentials to be written', () => {
  test('costs no grant: the writing goes on, and nobody asks the provider meanwhile', async () => {
    const stored = memoryRepositories<string>()
    let isAway = false
    const repositories = {
      ...stored,
      connections: {
        ...stored.connections,
        replaceCredentials: (...args: Parameters<typeof stored.connections.replaceCredentials>) =>
          isAway
            ? Promise.reject(new ConnectorsError('STORE_UNAVAILABLE', 'the store is away'))
            : stored.connections.replaceCredentials(...args),
      },
    }
    const { connect, clock, letTimePass, server } = await createNotebookWorld({ repositories })
    const { adapter, row } = await connect()
    await clock.advance(hour + minute)
    isAway = true
    await expect(letTimePass(adapter.whoAmI())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await clock.advance(5 * minute)
    await expect(letTimePass(adapter.whoAmI())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(server.refreshes).toHaveLength(1)
    isAway = false
    await clock.advance(10_000)
    expect(await row()).toMatchObject({ credentialsVersion: 2 })
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    expect(server.reuseCount()).toBe(0)
  })

  test('whose answer is lost has written them all the same', async () => {
    const stored = memoryRepositories<string>()
    let losesAnswer = true
    const repositories = {
      ...stored,
      connections: {
        ...stored.connections,
        replaceCredentials: async (...args: Parameters<typeof stored.connections.replaceCredentials>) => {
          const written = await stored.connections.replaceCredentials(...args)
          if (written === null || !losesAnswer) return written
          losesAnswer = false
          throw new ConnectorsError('STORE_UNAVAILABLE', 'the answer was lost')
        },
      },
    }
    const { connect, clock, letTimePass, server, eventsOf } = await createNotebookWorld({ repositories })
    const { adapter } = await connect()
    await clock.advance(hour + minute)
    await expect(letTimePass(adapter.whoAmI())).resolves.toEqual({ sub: 'ada' })
    expect(server.refreshes).toHaveLength(1)
    expect(eventsOf('credentials.refreshed')).toHaveLength(1)
  })
})

test('a call that may have changed something is not made again, but says that the credentials are new', async () => {
  const { connect, server, provider } = await createNotebookWorld()
  const { id, tenant, adapter, row } = await connect()
  server.beforeSecondNote = async () => {
    server.beforeSecondNote = async () => {}
    await tenant.connections.rotateCredentials(id, { ...server.grant('ada') }, provider)
  }
  await expect(adapter.takeTwoNotes()).rejects.toMatchObject({
    code: 'AUTHENTICATION_FAILED',
    retryable: true,
    message: expect.stringMatching(/part of the call may have been done/),
  })
  expect(server.requests.filter(({ url }) => url === '/notes')).toHaveLength(2)
  expect(await row()).toMatchObject({ credentialsVersion: 2, authFailureCount: 0 })
  await expect(adapter.takeTwoNotes()).resolves.toBe(2)
})

import { expect, test } from 'vitest'
import { createNotebookWorld, hour } from '../support/notebook-world.ts'

const minute = 60_000

test('a token that is refused while nobody can be asked for another counts for nothing: its grant may be good', async () => {
  const { connect, clock, server, eventsOf } = await createNotebookWorld({ options: { pause: { afterFailures: 99 } } })
  const { adapter, row } = await connect()
  server.forgetAccessToken('ada')
  server.beforeToken = async () => 'lost'
  for (let call = 0; call < 5; call += 1) {
    await expect(adapter.whoAmI()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
    await clock.advance(minute)
  }
  expect(await row()).toMatchObject({ authFailureCount: 0, isEnabled: true, isConnected: true })
  expect(eventsOf('connection.disabled')).toEqual([])
  server.beforeToken = async () => undefined
  await clock.advance(5 * minute)
  await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
})

test('an authorization server that asks for a pause stops no calls while the old token works, and is left alone for as long', async () => {
  const { connect, clock, server, connectors } = await createNotebookWorld()
  const { adapter, row } = await connect()
  await clock.advance(hour - 5 * minute)
  const sent = server.requests.length
  server.fail({ status: 429, headers: { 'retry-after': '240' } }, 1)
  await connectors.operator.credentials.refreshDue()
  for (let call = 0; call < 3; call += 1) {
    await clock.advance(minute)
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    await connectors.operator.credentials.refreshDue()
  }
  expect(await row()).toMatchObject({ pausedUntil: null })
  expect(server.requests.slice(sent).map(({ url }) => url)).toEqual(['/token', '/me', '/me', '/me'])
  await clock.advance(minute + 1)
  await adapter.whoAmI()
  expect(await row()).toMatchObject({ credentialsVersion: 2 })
})

test('a provider that soon refuses every new token is not asked for another one by each call, and the breaker knows', async () => {
  const { connect, clock, server } = await createNotebookWorld()
  const { adapter, row } = await connect()
  const refusedCall = async () => {
    server.forgetAccessToken('ada')
    await clock.advance(1_000)
    return adapter.whoAmI()
  }
  await expect(refusedCall()).resolves.toEqual({ sub: 'ada' })
  await expect(refusedCall()).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  expect(await row()).toMatchObject({ authFailureCount: 1 })
  expect(server.refreshes).toHaveLength(1)
})

test('one that refuses a token much later is', async () => {
  const { connect, clock, server } = await createNotebookWorld()
  const { adapter, row } = await connect()
  for (let round = 1; round <= 2; round += 1) {
    server.forgetAccessToken('ada')
    await expect(adapter.whoAmI()).resolves.toEqual({ sub: 'ada' })
    await clock.advance(minute)
  }
  expect(server.refreshes).toHaveLength(2)
  expect(await row()).toMatchObject({ authFailureCount: 0 })
})

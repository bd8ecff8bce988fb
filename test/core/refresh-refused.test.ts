import { expect, test } from 'vitest'
import { createNotebookWorld } from '../support/notebook-world.ts'

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

import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { createNotebookWorld, hour } from '../support/notebook-world.ts'

const minute = 60_000

test('a process that stood still with the right to refresh asks nobody when that is over: another one has refreshed', async () => {
  const stored = memoryRepositories<string>()
  const { acquireRefreshLease } = stored.connections
  let standStill = async () => {}
  const repositories = {
    ...stored,
    connections: {
      ...stored.connections,
      acquireRefreshLease: async (...args: Parameters<typeof acquireRefreshLease>) => {
        const leased = await acquireRefreshLease(...args)
        await standStill()
        return leased
      },
    },
  }
  const { connect, clock, server, letTimePass, eventsOf, provider, start } = await createNotebookWorld({ repositories })
  const { id, adapter, row } = await connect()
  const other = await start().forTenant('acme').connections.adapter(id, provider)
  await clock.advance(hour + minute)
  standStill = async () => {
    standStill = async () => {}
    await clock.advance(minute + 10_000)
    await other.whoAmI()
  }
  await expect(letTimePass(adapter.whoAmI())).resolves.toEqual({ sub: 'ada' })
  expect(server.refreshes).toEqual(['refresh-token-1'])
  expect(server.reuseCount()).toBe(0)
  expect(await row()).toMatchObject({ credentialsVersion: 2, needsReauthorization: false, refreshLeaseOwner: null })
  expect(eventsOf('connection.needsReauthorization')).toEqual([])
})

test('whoever died with the right to refresh holds up nobody for long while the old token works, and everybody once it ended', async () => {
  const { connect, clock, letTimePass, server, repositories } = await createNotebookWorld()
  const { id, adapter, row } = await connect()
  await clock.advance(hour - minute - 5_000)
  const lease = { owner: 'dead', at: clock.now(), leaseMs: minute, clockSkewMs: 10_000, expectedCredentialsVersion: 1 }
  await repositories.connections.acquireRefreshLease({ tenantId: 'acme', id }, lease)
  const startedAt = clock.now().getTime()
  await expect(letTimePass(adapter.whoAmI())).resolves.toEqual({ sub: 'ada' })
  expect(clock.now().getTime() - startedAt).toBeLessThan(3_000)
  expect(server.refreshes).toEqual([])

  await adapter.whoAmI()
  const unhurried = adapter.whoAmI()
  server.forgetAccessToken('ada')
  await expect(letTimePass(Promise.all([unhurried, adapter.whoAmI()]), 100)).resolves.toHaveLength(2)
  expect(server.refreshes).toEqual(['refresh-token-1'])
  expect(await row()).toMatchObject({ credentialsVersion: 2, authFailureCount: 0, refreshLeaseOwner: null })
})

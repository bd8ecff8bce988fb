import { expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import { createNotebookWorld, hour } from '../support/notebook-world.ts'

const minute = 60_000

/** Repositories whose writing of new credentials can be held up, and made to fail. */
function heldRepositories() {
  const stored = memoryRepositories<string>()
  const { replaceCredentials } = stored.connections
  const gate = { isAway: false, arrived: () => {}, let: Promise.resolve() }
  const repositories = {
    ...stored,
    connections: {
      ...stored.connections,
      replaceCredentials: async (...args: Parameters<typeof replaceCredentials>) => {
        gate.arrived()
        await gate.let
        if (gate.isAway) throw new ConnectorsError('STORE_UNAVAILABLE', 'the store is away')
        return replaceCredentials(...args)
      },
    },
  }
  return { repositories, gate }
}

test('close() waits until credentials that a provider has given are written, also when nobody waits for the call', async () => {
  const { repositories, gate } = heldRepositories()
  const { connect, clock, connectors, server } = await createNotebookWorld({ repositories })
  const { id, tenant, row } = await connect()
  await clock.advance(hour + minute)
  let letGo = () => {}
  const arrived = new Promise<void>((resolve) => {
    gate.arrived = resolve
  })
  gate.let = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const stop = new AbortController()
  const call = tenant.connections.call(id, { method: 'whoAmI', args: [], signal: stop.signal })
  await arrived
  stop.abort()
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  let isClosed = false
  const closing = connectors.close().then(() => {
    isClosed = true
  })
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(isClosed).toBe(false)
  letGo()
  await closing
  expect(server.refreshes).toHaveLength(1)
  expect(await row()).toMatchObject({ credentialsVersion: 2 })
})

test('close() has those that could not be written tried once more', async () => {
  const { repositories, gate } = heldRepositories()
  const { connect, clock, letTimePass, connectors } = await createNotebookWorld({ repositories })
  const { adapter, row } = await connect()
  await clock.advance(hour + minute)
  gate.isAway = true
  await expect(letTimePass(adapter.whoAmI(), 100)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  gate.isAway = false
  await letTimePass(connectors.close(), 100)
  expect(await row()).toMatchObject({ credentialsVersion: 2 })
})

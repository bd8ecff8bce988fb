import { expect, test } from 'vitest'
import { createNotebookWorld, hour } from '../support/notebook-world.ts'
import { testKey } from '../support/shop-world.ts'

const rounds = 4
const keys = [
  { id: 'one', key: testKey(1) },
  { id: 'two', key: testKey(2) },
]

test('whoever seals anew again and again undoes no refresh: no refresh token comes twice', async () => {
  const world = await createNotebookWorld({ options: { encryption: { keys } } })
  const { clock, server, letTimePass } = world
  // The two disagree about the active key, so that there is always something to seal anew.
  const other = world.start({ encryption: { keys: keys.toReversed() } })
  const accounts = Array.from({ length: 6 }, (_, index) => `account-${index}`)
  const connected: Awaited<ReturnType<typeof world.connect>>[] = []
  for (const account of accounts) connected.push(await world.connect(account))
  const adapters = await Promise.all(
    connected.map(({ id }) => other.forTenant('acme').connections.adapter(id, world.provider)),
  )
  let resealedCount = 0
  for (let round = 0; round < rounds; round += 1) {
    await clock.advance(hour + 60_000)
    let isOver = false
    const sealAgain = async () => {
      for (let turn = 0; !isOver; turn += 1) {
        const { operator } = turn % 2 === 0 ? other : world.connectors
        resealedCount += (await operator.credentials.reencrypt({ batchSize: 3 })).resealedCount
      }
    }
    const callOneByOne = async () => {
      for (const [index, { adapter }] of connected.entries()) {
        await Promise.all([adapter.whoAmI(), adapters[index]?.whoAmI()])
      }
      isOver = true
    }
    await letTimePass(Promise.all([sealAgain(), callOneByOne()]))
  }
  expect({ refreshes: server.refreshes.length, reuses: server.reuseCount() }).toEqual({
    refreshes: rounds * accounts.length,
    reuses: 0,
  })
  expect(new Set(server.refreshes).size).toBe(server.refreshes.length)
  expect(world.eventsOf('connection.needsReauthorization')).toEqual([])
  expect(resealedCount).toBeGreaterThan(rounds * accounts.length)
})

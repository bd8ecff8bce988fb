import assert from 'node:assert/strict'
import type { ProviderContractCase } from './provider-contract-case.ts'
import { withStand } from './with-stand.ts'

/** What the test of a connection finds. */
export const connectionTestCases: readonly ProviderContractCase[] = [
  {
    id: 'test/asks',
    title: 'a test asks the service, which takes the credentials',
    run: (context) =>
      withStand(context, async ({ world }) => {
        assert.ok(world.service.requests.length > 0, 'a test that sends nothing proves nothing')
      }),
  },
  {
    id: 'test/refused',
    title: 'a test of credentials that the service refuses disconnects, and a later one that it takes connects again',
    run: (context) =>
      withStand(context, async ({ world, tenant, connectionId }) => {
        world.service.fail(context.fixtures.says?.unauthorized ?? { status: 401 }, Number.POSITIVE_INFINITY)
        const refused = await tenant.connections.test(connectionId)
        assert.equal(refused.status, 'refused', refused.message)
        assert.equal(refused.connection.isConnected, false)
        world.service.recover()
        assert.equal((await tenant.connections.test(connectionId)).status, 'connected')
      }),
  },
  {
    id: 'test/unreachable',
    title: 'a test that gets no answer says nothing about the credentials and changes nothing',
    run: (context) =>
      withStand(context, async ({ world, tenant, connectionId }) => {
        for (const fault of [context.fixtures.says?.unavailable ?? { status: 503 }, 'reset', 'truncated'] as const) {
          world.service.fail(fault, Number.POSITIVE_INFINITY)
          const outcome = await tenant.connections.test(connectionId)
          assert.equal(outcome.status, 'unreachable', outcome.message)
          const { isConnected, authFailureCount } = outcome.connection
          assert.deepEqual({ isConnected, authFailureCount }, { isConnected: true, authFailureCount: 0 })
          world.service.recover()
        }
      }),
  },
]

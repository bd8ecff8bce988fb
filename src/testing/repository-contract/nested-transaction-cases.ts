import assert from 'node:assert/strict'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newConnection } from '../new-connection.ts'
import { givenConnection } from './given-connection.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const limits = { timeoutMs: 30_000, maxWaitMs: 30_000 }

// Shorter than those around it, so that a store that makes the inner one wait for the outer one fails the case.
const innerLimits = { timeoutMs: 4_000, maxWaitMs: 2_000 }

/** A transaction inside the work of another one of the same store. */
export const nestedTransactionCases: readonly RepositoryContractCase[] = [
  {
    id: 'transaction/nested/as-declared',
    title: 'a transaction inside another one is refused at once or is a savepoint, and the outer one goes on whole',
    async run({ repositories, newTenantId, nestedTransactions }) {
      const tenantId = await newTenantId()
      const [before, inner, after] = [0, 1, 2].map(() => newConnection({ tenantId }))
      assert.ok(before && inner && after)
      const ids = async (set: Pick<typeof repositories, 'connections'>) => {
        const { items } = await set.connections.list({ scope: tenantScope(tenantId), filter: {}, limit: 10 })
        return items.map(({ id }) => id)
      }
      const boom = new Error('the inner work failed')
      await repositories.transaction(async (outside) => {
        await outside.repositories.connections.create(before)
        if (nestedTransactions === 'refused') {
          let isRun = false
          await rejectsWith('INSIDE_TRANSACTION', () =>
            repositories.transaction(async () => {
              isRun = true
            }, innerLimits),
          )
          assert.equal(isRun, false, 'the work of a refused transaction must not run')
        } else {
          const nested = repositories.transaction(async (inside) => {
            await inside.repositories.connections.create(inner)
            assert.deepEqual(await ids(inside.repositories), [before.id, inner.id])
            throw boom
          }, innerLimits)
          assert.equal(await nested.catch((error: unknown) => error), boom)
        }
        assert.deepEqual(await ids(outside.repositories), [before.id])
        await outside.repositories.connections.create(after)
      }, limits)
      assert.deepEqual(await ids(repositories), [before.id, after.id])
    },
  },
  {
    id: 'transaction/nested/one-after-another',
    title: 'after a transaction has ended, well or badly, the next one is not inside of it',
    async run(context) {
      const { repositories } = context
      const stored = await givenConnection(context)
      const failing = repositories.transaction(async () => {
        throw new Error('the handler failed')
      }, limits)
      await assert.rejects(failing)
      for (const reason of ['first', 'second']) {
        await repositories.transaction(
          (inside) => inside.repositories.connections.disable(stored, { at: instant(5), reason }),
          limits,
        )
      }
      const found = await repositories.connections.find({ scope: operatorScope, id: stored.id })
      assert.equal(found?.disabledReason, 'second')
      assert.equal(found?.version, stored.version + 2)
    },
  },
]

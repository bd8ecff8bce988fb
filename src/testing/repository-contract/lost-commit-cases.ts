import assert from 'node:assert/strict'
import { isConnectorsError } from '../../core/domain/errors.ts'
import { operatorScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { givenLease } from './given-lease.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const limits = { timeoutMs: 30_000, maxWaitMs: 30_000 }

/** Transactions of which nobody hears how they ended. */
export const lostCommitCases: readonly RepositoryContractCase[] = [
  {
    id: 'transaction/commit/lost-answer',
    title: 'a COMMIT whose answer is lost is STORE_UNAVAILABLE, the work is not run again, and a re-read shows it',
    needs: ['losingCommitAnswers'],
    async run(context) {
      const { repositories, losingCommitAnswers } = context
      assert.ok(losingCommitAnswers)
      const lossy = await losingCommitAnswers()
      const { ref, state } = await givenLease(context)
      const { fence, revision } = state
      const page = { fence, revision, at: instant(2), cursor: '"page-2"', trail: null, itemCount: 1, complete: false }
      let runCount = 0
      const call = lossy.transaction(async (inside) => {
        runCount += 1
        await inside.repositories.syncStates.renew(ref, { fence, at: instant(1), leaseMs: 60_000 })
        await inside.repositories.syncStates.commit(ref, page)
      }, limits)
      const thrown = await call.then(
        () => assert.fail('the transaction answered, although its COMMIT had no answer'),
        (error: unknown) => error,
      )
      assert.ok(isConnectorsError(thrown), `expected a ConnectorsError, but it was ${String(thrown)}`)
      assert.equal(thrown.code, 'STORE_UNAVAILABLE')
      assert.equal(runCount, 1, 'the work must not run again: its first run may have been committed')
      // Waits for the row, should the server still be at it.
      await rejectsWith('LEASE_LOST', () => repositories.syncStates.commit(ref, { ...page, cursor: '"twice"' }))
      const found = await repositories.syncStates.find({ scope: operatorScope, ...ref })
      assert.equal(found?.cursor, '"page-2"')
      assert.equal(found?.revision, revision + 1)
      assert.equal(found?.itemsSynced, 1)
    },
  },
]

import { AssertionError } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type MemoryRepositories, memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { isConnectorsError } from '../../src/core/domain/errors.ts'
import { type NestedTransactions, repositoryContract } from '../../src/testing/index.ts'
import { losesCommitAnswers } from './loses-commit-answers.ts'
import { connectionSaboteurs } from './saboteurs/connection-saboteurs.ts'
import { executionLogSaboteurs } from './saboteurs/execution-log-saboteurs.ts'
import { idleRepositories } from './saboteurs/idle-repositories.ts'
import { oauthStateSaboteurs } from './saboteurs/oauth-state-saboteurs.ts'
import { orderSaboteurs } from './saboteurs/order-saboteurs.ts'
import { pauseSaboteurs } from './saboteurs/pause-saboteurs.ts'
import { readingSaboteurs } from './saboteurs/reading-saboteurs.ts'
import { resealSaboteurs } from './saboteurs/reseal-saboteurs.ts'
import type { Saboteur } from './saboteurs/saboteur.ts'
import { scheduleSaboteurs } from './saboteurs/schedule-saboteurs.ts'
import { syncStateSaboteurs } from './saboteurs/sync-state-saboteurs.ts'
import { transactionSaboteurs } from './saboteurs/transaction-saboteurs.ts'
import { valueSaboteurs } from './saboteurs/value-saboteurs.ts'
import { webhookEventSaboteurs } from './saboteurs/webhook-event-saboteurs.ts'
import { webhookUpkeepSaboteurs } from './saboteurs/webhook-upkeep-saboteurs.ts'
import { savepointRepositories } from './savepoint-repositories.ts'

const saboteurs: readonly Saboteur[] = [
  ...connectionSaboteurs,
  ...resealSaboteurs,
  ...pauseSaboteurs,
  ...scheduleSaboteurs,
  ...syncStateSaboteurs,
  ...webhookEventSaboteurs,
  ...orderSaboteurs,
  ...webhookUpkeepSaboteurs,
  ...executionLogSaboteurs,
  ...oauthStateSaboteurs,
  ...transactionSaboteurs,
  ...valueSaboteurs,
  ...readingSaboteurs,
]

/** Runs one case of the contract; answers the failed assertion, or `null` if the case passed. */
async function verdict(
  id: string,
  repositories: MemoryRepositories,
  sabotage: Saboteur['sabotage'] = (good) => good,
  nestedTransactions: NestedTransactions = 'refused',
): Promise<unknown> {
  const contractCase = repositoryContract.find((candidate) => candidate.id === id)
  if (contractCase === undefined) throw new Error(`There is no contract case ${id}.`)
  const context = {
    repositories: sabotage(repositories),
    nestedTransactions,
    losingCommitAnswers: async () => sabotage(losesCommitAnswers(repositories)),
    newTenantId: async () => randomUUID(),
    handle: {
      write: async (tx: Parameters<Parameters<typeof repositories.transaction>[0]>[0]['tx'], key: string) => {
        tx.table('orders').set(key, { key })
      },
      exists: async (key: string) => repositories.table('orders').has(key),
    },
    exactTenants: ['t1', 'T1', 't1 '],
  }
  return contractCase.run(context).then(
    () => null,
    (error: unknown) => error,
  )
}

/** A case fails by an assertion, or by a refusal of the store; anything else would be a mistake of the saboteur itself. */
function isVerdict(error: unknown): boolean {
  return error instanceof AssertionError || isConnectorsError(error)
}

describe('a repository with a mistake is caught by the contract', () => {
  // Not test.each: it cuts long titles, and with them the ids that scripts/contract-table.ts reads.
  for (const { mistake, sabotage, caughtBy } of saboteurs) {
    for (const id of caughtBy) {
      test(`${mistake}: caught by ${id}`, async () => {
        expect(await verdict(id, memoryRepositories())).toBeNull()
        expect(await verdict(id, memoryRepositories(), sabotage)).toSatisfy(isVerdict)
      })
    }
  }
})

test('a store that declares savepoints keeps them, and one that joins the outer transaction is caught', async () => {
  const id = 'transaction/nested/as-declared'
  const whole = (good: MemoryRepositories) => good
  expect(await verdict(id, savepointRepositories(), whole, 'savepoint')).toBeNull()
  const joining = savepointRepositories((outer) => outer)
  expect(await verdict(id, joining, whole, 'savepoint')).toSatisfy(isVerdict)
})

test('every race, exactness and transaction case is proven able to fail', () => {
  const caught = new Set(saboteurs.flatMap(({ caughtBy }) => caughtBy))
  const needsProof = repositoryContract.filter(
    ({ id, needs = [] }) =>
      needs.length > 0 ||
      /^transaction\/|cursor-|payload-|raw-bytes|stale|scopes|foreign-tenant|duplicate|takeover|unstorable|numbers|exact-/.test(
        id,
      ),
  )
  expect(needsProof.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([])
})

test('every case fails on a store that does nothing, or is proven by a saboteur', async () => {
  const caught = new Set(saboteurs.flatMap(({ caughtBy }) => caughtBy))
  const unproven: string[] = []
  for (const { id } of repositoryContract) {
    if (!caught.has(id) && (await verdict(id, memoryRepositories(), idleRepositories)) === null) unproven.push(id)
  }
  expect(unproven).toEqual([])
})

test('the ids of the cases are unique', () => {
  const ids = repositoryContract.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

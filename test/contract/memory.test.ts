import { randomUUID } from 'node:crypto'
import { describe, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { registerRepositoryContract } from '../../src/testing/index.ts'
import { losesCommitAnswers } from './loses-commit-answers.ts'

const repositories = memoryRepositories()

registerRepositoryContract(
  { describe, test },
  {
    repositories,
    newTenantId: randomUUID,
    traits: { concurrency: 'parallel' },
    handle: {
      write: async (tx, key) => {
        tx.table('orders').set(key, { key })
      },
      exists: async (key) => repositories.table('orders').has(key),
    },
    exactTenants: ['t1', 'T1', 't1 '],
    losingCommitAnswers: () => losesCommitAnswers(repositories),
  },
)

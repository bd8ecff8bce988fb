import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { memoryRepositories } from 'bapp-connectors/memory'
import { storableRepositories } from 'bapp-connectors/repositories'
import { registerRepositoryContract } from 'bapp-connectors/testing'
import pg from 'pg'
import { oauthStateTable, ownOAuthStates } from './own-repository.ts'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 })
before(() => pool.query(oauthStateTable))
after(() => pool.end())

// What isn't written yet stays in memory. `transaction` comes last: it binds all five to one connection.
const memory = memoryRepositories()
const written = { ...memory, oauthStates: ownOAuthStates(pool) }
const repositories = { ...memory, ...storableRepositories(written) }

registerRepositoryContract(
  { describe, test }, // of node:test, or of vitest
  {
    repositories,
    newTenantId: randomUUID,
    traits: { concurrency: 'parallel', nestedTransactions: 'refused' },
    handle: {
      write: async (tx, key) => {
        tx.table('orders').set(key, { key })
      },
      exists: async (key) => memory.table('orders').has(key),
    },
    exactTenants: ['t1', 'T1', 't1 '],
  },
  {
    only: ['oauth-states/'], // one more with every repository you write, in the end none
    skip: [{ case: 'oauth-states/prune/limit', reason: 'nothing is pruned here, the table has a time to live' }],
  },
)

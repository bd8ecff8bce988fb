import { withinTime } from '../../../src/adapters/kit/within-time.ts'
import type { MemoryTransaction } from '../../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError, isConnectorsError } from '../../../src/core/domain/errors.ts'
import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { RepositorySet, TransactionContext } from '../../../src/core/ports/repositories.ts'
import type { Saboteur } from './saboteur.ts'

/** After the first refusal every verb fails, as in a PostgreSQL transaction without savepoints. */
function poisoned(set: RepositorySet<string>): RepositorySet<string> {
  let isAborted = false
  const guard = <Verbs extends object>(verbs: Verbs): Verbs =>
    Object.fromEntries(
      Object.entries(verbs).map(([name, verb]) => [
        name,
        async (...args: unknown[]) => {
          if (isAborted) throw new ConnectorsError('STORE_FAILED', 'the transaction is aborted')
          return verb(...args).catch((error: unknown) => {
            isAborted = isConnectorsError(error, 'CONFLICT')
            throw error
          })
        },
      ]),
    ) as Verbs // same names, same verbs
  return {
    connections: guard(set.connections),
    syncStates: guard(set.syncStates),
    webhookEvents: guard(set.webhookEvents),
    executionLogs: guard(set.executionLogs),
    oauthStates: guard(set.oauthStates),
  }
}

export const transactionSaboteurs: readonly Saboteur[] = [
  {
    mistake: 'every verb commits by itself: nothing is rolled back',
    caughtBy: ['transaction/rollback/all', 'transaction/handle/rollback', 'transaction/timeout/rolled-back'],
    sabotage: (good) => ({
      ...good,
      transaction: async (work, limits) => {
        const tables = new Map<string, Map<string, unknown>>()
        const tx: MemoryTransaction = {
          table: <Row>(name: string) => {
            const table = tables.get(name) ?? new Map<string, unknown>()
            tables.set(name, table)
            return table as Map<string, Row> // as the memory transaction does
          },
        }
        try {
          return await withinTime(() => work({ repositories: good, tx }), limits.timeoutMs)
        } finally {
          await good.transaction(async (inside) => {
            for (const [name, table] of tables) {
              for (const [key, row] of table) inside.tx.table(name).set(key, row)
            }
          }, limits)
        }
      },
    }),
  },
  {
    mistake: 'the commit is forgotten',
    caughtBy: ['transaction/commit/all', 'transaction/handle/commit', 'transaction/parallel/nothing-lost'],
    sabotage: (good) => ({
      ...good,
      transaction: async (work, limits) => {
        const outcome: { value?: Awaited<ReturnType<typeof work>> } = {}
        const forgotten = new Error('forgotten')
        await good
          .transaction(async (inside) => {
            outcome.value = await work(inside)
            throw forgotten
          }, limits)
          .catch((error: unknown) => {
            if (error !== forgotten) throw error
          })
        return outcome.value as Awaited<ReturnType<typeof work>> // set, or an error was thrown
      },
    }),
  },
  {
    mistake: 'an error of the work is wrapped',
    caughtBy: ['transaction/rollback/all'],
    sabotage: (good) => ({
      ...good,
      transaction: (work, limits) =>
        good.transaction(work, limits).catch((cause: unknown) => {
          throw new ConnectorsError('STORE_FAILED', 'the transaction failed', { cause })
        }),
    }),
  },
  {
    mistake: 'a transaction inside another one joins it',
    caughtBy: ['transaction/nested/as-declared'],
    sabotage: (good) => {
      let open: TransactionContext<string, MemoryTransaction> | null = null
      return {
        ...good,
        transaction: (work, limits) => {
          if (open !== null) return work(open)
          return good.transaction(async (inside) => {
            open = inside
            return work(inside).finally(() => {
              open = null
            })
          }, limits)
        },
      }
    },
  },
  {
    mistake: 'a transaction that failed counts as open',
    caughtBy: ['transaction/nested/one-after-another'],
    sabotage: (good) => {
      let isOpen = false
      return {
        ...good,
        transaction: async (work, limits) => {
          if (isOpen) throw new ConnectorsError('INSIDE_TRANSACTION', 'there is an open transaction')
          isOpen = true
          const result = await good.transaction(work, limits)
          isOpen = false
          return result
        },
      }
    },
  },
  {
    mistake: 'the work is run again after the connection was lost',
    caughtBy: ['transaction/commit/lost-answer'],
    sabotage: (good) => ({
      ...good,
      transaction: (work, limits) => good.transaction(work, limits).catch(() => good.transaction(work, limits)),
    }),
  },
  {
    mistake: 'a COMMIT without an answer is taken for done',
    caughtBy: ['transaction/commit/lost-answer'],
    sabotage: (good) => ({
      ...good,
      transaction: async (work, limits) => {
        const outcome: { value?: Awaited<ReturnType<typeof work>> } = {}
        await good
          .transaction(async (inside) => {
            outcome.value = await work(inside)
          }, limits)
          .catch((error: unknown) => {
            if (!isConnectorsError(error, 'STORE_UNAVAILABLE')) throw error
          })
        return outcome.value as Awaited<ReturnType<typeof work>> // set, or an error was thrown
      },
    }),
  },
  {
    mistake: 'a refused write poisons the transaction',
    caughtBy: ['transaction/refused-write/not-poisoned'],
    sabotage: (good) => ({
      ...good,
      transaction: (work, limits) =>
        good.transaction(({ repositories, tx }) => work({ repositories: poisoned(repositories), tx }), limits),
    }),
  },
  {
    mistake: 'reads inside a transaction see only what was there before it',
    caughtBy: ['transaction/read-your-writes'],
    sabotage: (good) => ({
      ...good,
      transaction: async (work, limits) => {
        const before = await good.connections.list({ scope: operatorScope, filter: {}, limit: 1_000 })
        return good.transaction(({ repositories, tx }) => {
          const connections: typeof repositories.connections = {
            ...repositories.connections,
            find: async ({ id }) => before.items.find((row) => row.id === id) ?? null,
          }
          return work({ repositories: { ...repositories, connections }, tx })
        }, limits)
      },
    }),
  },
  {
    mistake: 'rows are added to the audit trail one by one',
    caughtBy: ['execution-logs/append-many/all-or-none'],
    sabotage: (good) => ({
      ...good,
      executionLogs: {
        ...good.executionLogs,
        appendMany: async (rows) => {
          for (const row of rows) await good.executionLogs.appendMany([row])
        },
      },
    }),
  },
  {
    mistake: 'the audit trail forgets the tenant',
    caughtBy: ['execution-logs/list/filters', 'execution-logs/all/exact-tenant'],
    sabotage: (good) => ({
      ...good,
      executionLogs: {
        ...good.executionLogs,
        list: (query) => good.executionLogs.list({ ...query, scope: operatorScope }),
      },
    }),
  },
]

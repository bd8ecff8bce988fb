import type { TenantId } from '../../core/domain/tenant.ts'
import type { Repositories, RepositorySet } from '../../core/ports/repositories.ts'
import { openTransaction } from '../kit/open-transaction.ts'
import { transactionOver } from '../kit/refusals.ts'
import { storableRepositories } from '../kit/storable-repositories.ts'
import { turnQueue } from '../kit/turn-queue.ts'
import { withinTime } from '../kit/within-time.ts'
import { memoryConnections } from './memory-connections.ts'
import { memoryExecutionLogs } from './memory-execution-logs.ts'
import { memoryOAuthStates } from './memory-oauth-states.ts'
import { atomically, memoryState, mergeState, type RunStep } from './memory-state.ts'
import { memorySyncStates } from './memory-sync-states.ts'
import { memoryWebhookEvents } from './memory-webhook-events.ts'
import { userTables } from './user-tables.ts'

/** The handle of a memory transaction: something of your own to write together with ours. */
export interface MemoryTransaction {
  /** A table of yours, by name: made on first use; writes are kept only if the transaction commits. */
  readonly table: <Row>(name: string) => Map<string, Row>
}

/** Repositories in memory, and the way to look at what handlers wrote. */
export interface MemoryRepositories<T extends TenantId = string> extends Repositories<T, MemoryTransaction> {
  /** A copy of a table as committed; an empty one if nothing was ever written to it. */
  readonly table: <Row>(name: string) => ReadonlyMap<string, Row>
}

/** How the memory repositories behave. */
export interface MemoryRepositoriesOptions {
  /** How long a verb outside of transactions waits while one is open, in milliseconds; default 10,000. */
  readonly maxWaitMs?: number
}

/**
 * Repositories that keep everything in this process: for tests, trials, and as executable documentation of the ports.
 * Transactions are real: a copy-on-write state that is merged on commit and thrown away on rollback.
 * Transactions and verbs run one after another, in the order in which they were called.
 *
 * @example
 * const repositories = memoryRepositories()
 * await repositories.transaction(async ({ tx }) => tx.table<Order>('orders').set('1', order), limits)
 * repositories.table<Order>('orders').get('1')
 */
export function memoryRepositories<T extends TenantId = string>(
  options: MemoryRepositoriesOptions = {},
): MemoryRepositories<T> {
  const { maxWaitMs = 10_000 } = options
  const root = memoryState<T>()
  const tables = userTables()
  const turns = turnQueue()

  return {
    ...repositorySet<T>(async (step) => {
      const endTurn = await turns.take(maxWaitMs)
      try {
        return atomically(root, step)
      } finally {
        endTurn()
      }
    }),

    table: tables.read,

    transaction: (work, limits) =>
      openTransaction(root, async () => {
        const endTurn = await turns.take(limits.maxWaitMs)
        const state = memoryState(root)
        const userState = tables.open()
        let isOpen = true
        const assertOpen = () => {
          if (!isOpen) throw transactionOver()
        }
        const repositories = repositorySet<T>(async (step) => {
          await Promise.resolve() // as asynchronous as a database, so that races inside a transaction show
          assertOpen()
          return atomically(state, step)
        })
        const tx: MemoryTransaction = {
          table: (name) => {
            assertOpen()
            return userState.table(name)
          },
        }
        try {
          const result = await withinTime(async () => work({ repositories, tx }), limits.timeoutMs)
          userState.commit() // first: it may refuse rows that can't be cloned
          mergeState(state)
          return result
        } finally {
          isOpen = false
          endTurn()
        }
      }),
  }
}

function repositorySet<T extends TenantId>(run: RunStep<T>): RepositorySet<T> {
  return storableRepositories({
    connections: memoryConnections(run),
    syncStates: memorySyncStates(run),
    webhookEvents: memoryWebhookEvents(run),
    executionLogs: memoryExecutionLogs(run),
    oauthStates: memoryOAuthStates(run),
  })
}

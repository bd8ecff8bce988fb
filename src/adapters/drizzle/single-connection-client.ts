import { type LibSqlClientLike, overOneConnection } from '../kit/over-one-connection.ts'
import { turnQueue } from '../kit/turn-queue.ts'

const single = new WeakSet<object>()

/** Whether a client of libSQL was made by `singleConnectionClient`. */
export function isSingleConnection(client: object): boolean {
  return single.has(client)
}

type Call = (...args: unknown[]) => Promise<unknown>
type TransactionLike = Readonly<Record<'execute' | 'commit' | 'rollback', Call>>

/**
 * Makes a libSQL client on a local file do everything on one connection, one after another. Left alone, it opens a
 * connection for every transaction and never closes it, a statement that found the file locked keeps the lock, and a
 * statement of somebody else waits for a lock of its own process, which stands still meanwhile.
 *
 * @param options.maxWaitMs how long a statement waits while a transaction is open, in milliseconds; default 10,000
 * @example
 * const db = drizzle(singleConnectionClient(createClient({ url: 'file:app.db', timeout: 5_000 })))
 */
export function singleConnectionClient<Client extends LibSqlClientLike>(
  client: Client,
  options: { readonly maxWaitMs?: number } = {},
): Client {
  // A remote database has no connection to keep.
  if (client.protocol !== 'file') return client
  const { maxWaitMs = 10_000 } = options
  const connection: Client = overOneConnection(client)
  const turns = turnQueue()

  const inTurn =
    (call: Call): Call =>
    async (...args) => {
      const endTurn = await turns.take(maxWaitMs)
      try {
        return await call(...args)
      } finally {
        endTurn()
      }
    }

  const transaction = async (mode?: string): Promise<TransactionLike> => {
    // Whoever opened it says how long it may wait.
    const endTurn = await turns.take(Number.POSITIVE_INFINITY)
    let isEnded = false
    const end = () => {
      if (!isEnded) endTurn()
      isEnded = true
    }
    try {
      const open = await beginOn(connection, mode)
      return {
        execute: open.execute,
        commit: () => open.commit().finally(end),
        rollback: () => open.rollback().finally(end),
      }
    } catch (error) {
      end()
      throw error
    }
  }

  const queued = new Proxy(connection, {
    get(target, name) {
      if (name === 'transaction') return transaction
      const value: unknown = Reflect.get(target, name, target)
      return typeof name === 'string' && asksTheDatabase.has(name) ? inTurn(value as Call) : value // they are all async
    },
  })
  single.add(queued)
  return queued
}

const asksTheDatabase: ReadonlySet<string> = new Set(['execute', 'batch', 'migrate', 'executeMultiple', 'sync'])

function beginOn(connection: object, mode: string | undefined): Promise<TransactionLike> {
  return (connection as { transaction: (mode?: string) => Promise<TransactionLike> }).transaction(mode) // libSQL has it
}

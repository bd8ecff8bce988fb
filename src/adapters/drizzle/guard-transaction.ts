import { transactionGivenUp, transactionOver } from '../kit/refusals.ts'

interface PreparedLike {
  execute: (...args: unknown[]) => Promise<unknown>
}

/** The session of a Drizzle transaction, through which all of its statements go. */
interface SessionLike {
  prepareQuery: (query: { readonly sql: string }, ...rest: unknown[]) => PreparedLike
  readonly client?: { readonly on?: (event: 'error', listener: () => void) => unknown }
}

// Connections of node-postgres that somebody listens to from now on; one that is lost may say so after it was given back.
const listenedTo = new WeakSet<object>()

/**
 * Closes three gaps of Drizzle's transactions. Call the answer when the work is over, before COMMIT or ROLLBACK:
 *
 * - After the end, node-postgres has the connection back in its pool, and a handler that was given up would go on
 *   writing there, outside of any transaction or inside of somebody else's: every statement but the end itself is refused.
 * - PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement failed and the failure was swallowed.
 * - A connection that is lost between two statements is an `error` event that ends the process if nobody listens.
 */
export function guardTransaction(tx: object): () => void {
  // Not in Drizzle's types; every transaction has a session of its own.
  const { session } = tx as { readonly session: SessionLike }
  const prepareQuery = session.prepareQuery.bind(session)
  let isOver = false

  session.prepareQuery = (query, ...rest) => {
    if (isOver && !/^(commit|rollback)$/.test(query.sql)) throw transactionOver()
    const prepared = prepareQuery(query, ...rest)
    if (query.sql !== 'commit') return prepared
    const execute = prepared.execute.bind(prepared)
    prepared.execute = async (...args) => {
      const result = (await execute(...args)) as { readonly command?: unknown }
      if (result.command === 'ROLLBACK') throw transactionGivenUp()
      return result
    }
    return prepared
  }

  const { client } = session
  if (client?.on !== undefined && !listenedTo.has(client)) {
    listenedTo.add(client)
    client.on('error', () => {}) // the next statement on the connection says so
  }
  return () => {
    isOver = true
  }
}

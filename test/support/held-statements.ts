import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery, Transaction } from '@prisma/driver-adapter-utils'

/** Statements of transactions that wait until they are let go, and what became of the transactions. */
export interface HeldStatements {
  /** The same driver adapter, whose transactions wait. */
  readonly adapter: SqlDriverAdapterFactory
  /** The first statement that is held has arrived. */
  readonly isHeld: Promise<void>
  /** The first transaction that ended so was rolled back. */
  readonly isRolledBack: Promise<void>
  /** Lets all held statements go; answers when the server answered them. */
  readonly letGo: () => Promise<void>
}

/** A driver adapter that holds the statements of transactions which match, however busy the machine is. */
export function heldStatements(factory: SqlDriverAdapterFactory, matches: (sql: string) => boolean): HeldStatements {
  const [held, free, rolledBack] = [signal(), signal(), signal()]
  const running: Promise<unknown>[] = []

  const watch = (transaction: Transaction): Transaction => {
    const { queryRaw, executeRaw, rollback } = transaction
    const after = <R>(query: SqlQuery, send: (query: SqlQuery) => Promise<R>): Promise<R> => {
      if (!matches(query.sql)) return send.call(transaction, query)
      held.give()
      const answer = free.isGiven.then(() => send.call(transaction, query))
      running.push(answer)
      return answer
    }
    return Object.assign(transaction, {
      queryRaw: (query: SqlQuery) => after(query, queryRaw),
      executeRaw: (query: SqlQuery) => after(query, executeRaw),
      rollback: async () => {
        await rollback.call(transaction)
        rolledBack.give()
      },
    })
  }
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await factory.connect()
    const { startTransaction } = adapter
    return Object.assign(adapter, {
      startTransaction: async (...args: Parameters<typeof startTransaction>) =>
        watch(await startTransaction.apply(adapter, args)),
    })
  }
  return {
    adapter: { provider: factory.provider, adapterName: factory.adapterName, connect },
    isHeld: held.isGiven,
    isRolledBack: rolledBack.isGiven,
    letGo: async () => {
      free.give()
      await Promise.allSettled(running)
    },
  }
}

function signal() {
  let give = () => {}
  const isGiven = new Promise<void>((resolve) => {
    give = resolve
  })
  return { isGiven, give }
}

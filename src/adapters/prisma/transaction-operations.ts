import { transactionOver } from '../kit/refusals.ts'

/** The operations that run in one transaction, whoever sent them. */
export interface TransactionOperations {
  /** Runs an operation, unless the transaction is over. */
  readonly run: <R>(operation: () => PromiseLike<R>) => Promise<R>
  /** Answers when none is under way. */
  readonly settled: () => Promise<void>
  /** Refuses all further ones; answers when none is under way. */
  readonly end: () => Promise<void>
}

/**
 * Keeps a transaction open until its operations are through. Prisma makes several statements of one operation
 * (an `update` on MySQL, a nested write anywhere) and doesn't ask between them whether the transaction still is: what
 * comes after the rollback would be written at once, on a connection that may be somebody else's by then.
 */
export function transactionOperations(): TransactionOperations {
  const running = new Set<Promise<unknown>>()
  let isOver = false
  const settled = async () => {
    while (running.size > 0) await Promise.allSettled(running)
  }
  return {
    run: async (operation) => {
      if (isOver) throw transactionOver()
      const answer = Promise.resolve(operation())
      running.add(answer)
      try {
        return await answer
      } finally {
        running.delete(answer)
      }
    },
    settled,
    end: () => {
      isOver = true
      return settled()
    },
  }
}

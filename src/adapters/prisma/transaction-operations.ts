import { transactionOver } from '../kit/refusals.ts'

/** The operations that run in one transaction, whoever sent them. */
export interface TransactionOperations {
  /** Runs an operation, unless the transaction is over; `name` is Prisma's. */
  readonly run: <R>(name: string, operation: () => PromiseLike<R>) => Promise<R>
  /** Whether the last thing that was done is a write that found its rows, with nothing beside it: then the database hasn't given the transaction up. */
  readonly isProvenAlive: () => boolean
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
  let begunCount = 0
  let isProven = false
  const settled = async () => {
    while (running.size > 0) await Promise.allSettled(running)
  }
  return {
    run: async (name, operation) => {
      if (isOver) throw transactionOver()
      isProven = false
      begunCount += 1
      const own = begunCount
      const beganAlone = running.size === 0
      const answer = Promise.resolve(operation())
      running.add(answer)
      try {
        const result = await answer
        // Of two at once, the one that fails may be told of first although it was sent later.
        const wasAlone = beganAlone && begunCount === own
        isProven = wasAlone && name === 'updateMany' && hasWritten(result)
        return result
      } finally {
        running.delete(answer)
      }
    },
    isProvenAlive: () => isProven,
    settled,
    end: () => {
      isOver = true
      return settled()
    },
  }
}

/** A write of many rows answers their number. Reads prove nothing: an extension of the user's may answer them from a cache. */
function hasWritten(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'count' in result && Number(result.count) > 0
}

import { ConnectorsError } from '../domain/errors.ts'
import { createAsyncScope } from './async-scope.ts'

/**
 * Knows whether the calling code runs inside a transaction of ours. While one is open, only its own handle may be used:
 * on a pool of one connection, or on SQLite, any other use would wait for the transaction that waits for it.
 */
export interface TransactionGuard {
  /**
   * Runs the work of a transaction; everything it calls counts as inside until it ends.
   *
   * @throws {ConnectorsError} `INSIDE_TRANSACTION` when something was refused meanwhile, even if the work went on
   *   regardless: what it left out must not be committed as done.
   */
  readonly enter: <R>(work: () => Promise<R>) => Promise<R>
  /** @throws {ConnectorsError} `INSIDE_TRANSACTION` when called from inside. */
  readonly refuseInside: (what: string) => void
}

/** A guard; one per `createConnectors`. */
export function createTransactionGuard(): TransactionGuard {
  const scope = createAsyncScope<{ isOpen: boolean; refusal: ConnectorsError | null }>()
  return {
    enter: (work) => {
      const transaction = { isOpen: true, refusal: null as ConnectorsError | null }
      return scope.run(transaction, async () => {
        try {
          const result = await work()
          if (transaction.refusal !== null) throw transaction.refusal
          return result
        } finally {
          // What the work left running without awaiting it is no longer inside.
          transaction.isOpen = false
        }
      })
    },
    refuseInside: (what) => {
      const transaction = scope.get()
      if (transaction?.isOpen !== true) return
      const refusal = new ConnectorsError(
        'INSIDE_TRANSACTION',
        `${what} was called inside a transaction of the library, where it could wait for ever for the connection that the transaction holds. ` +
          'Use the `tx` you were given; do HTTP and other slow work in the `prepare` of the handler, which runs before the transaction.',
      )
      transaction.refusal ??= refusal
      throw refusal
    },
  }
}

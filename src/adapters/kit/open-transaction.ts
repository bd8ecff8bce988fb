import { AsyncLocalStorage } from 'node:async_hooks'
import { ConnectorsError } from '../../core/domain/errors.ts'

interface OpenTransaction {
  readonly client: object
  readonly outer: OpenTransaction | undefined
  isOpen: boolean
}

const current = new AsyncLocalStorage<OpenTransaction>()

/**
 * Runs the work of a transaction on a client; whatever it calls counts as inside until it ends.
 *
 * @throws {ConnectorsError} `INSIDE_TRANSACTION` when called from inside of one on the same client. A second one would need
 *   a second connection, and on a pool of one, or on SQLite, wait for the first one, which waits for it.
 */
export async function openTransaction<R>(client: object, work: () => Promise<R>): Promise<R> {
  const outer = current.getStore()
  for (let around = outer; around !== undefined; around = around.outer) {
    if (around.client === client && around.isOpen) {
      throw new ConnectorsError(
        'INSIDE_TRANSACTION',
        "A transaction can't be opened inside another one of the same client. Use the repositories and the handle that the work was given.",
      )
    }
  }
  const transaction: OpenTransaction = { client, outer, isOpen: true }
  return current.run(transaction, async () => {
    try {
      return await work()
    } finally {
      // What the work left running without awaiting it is no longer inside.
      transaction.isOpen = false
    }
  })
}

import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { Handler } from '../domain/handlers.ts'

/** Any handler, seen from the inside: its context was typed where it was registered. */
export type AnyHandler = Handler<object, unknown>

/** The part of a handler that runs inside the transaction. */
export type PreparedHandler = (transaction: { readonly tx: unknown }) => Promise<void>

/** Whether a value is a handler: a function, or an object with `prepare`. */
export function isHandler(value: unknown): value is AnyHandler {
  return (
    typeof value === 'function' ||
    (typeof value === 'object' && value !== null && typeof (value as { prepare?: unknown }).prepare === 'function')
  )
}

/**
 * Runs what a handler does outside the transaction, and answers what it does inside.
 *
 * @throws {ConnectorsError} `HANDLER_FAILED`, with what the handler threw as its cause. So does the answer.
 */
export async function prepareHandler(handler: AnyHandler, context: object, name: string): Promise<PreparedHandler> {
  if (typeof handler === 'function') {
    return ({ tx }) => attempt(name, () => handler({ ...context, tx }))
  }
  const inside = await attempt(name, () => handler.prepare(context))
  if (typeof inside !== 'function') {
    throw new ConnectorsError(
      'HANDLER_FAILED',
      `The handler ${name} has a prepare() that does not answer a function. Return async ({ tx }) => { … } from it.`,
    )
  }
  return (transaction) => attempt(name, () => inside(transaction))
}

async function attempt<R>(name: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    if (isConnectorsError(error, 'INSIDE_TRANSACTION')) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new ConnectorsError('HANDLER_FAILED', `The handler ${name} failed: ${message}`, { cause: error })
  }
}

import { ConnectorsError, isConnectorsError } from '../domain/errors.ts'
import type { Handler } from '../domain/handlers.ts'
import { thrownMessage } from './thrown-message.ts'

/** Any handler, seen from the inside: its context was typed where it was registered. */
export type AnyHandler = Handler<object, unknown>

/** The part of a handler that runs inside the transaction. */
export interface PreparedHandler {
  /** Throws what the handler throws, as it is: the store has to recognise its own errors, to run the work again. */
  readonly run: (transaction: { readonly tx: unknown }) => Promise<void>
  /** What came out of the transaction, seen from outside: `HANDLER_FAILED`, if this handler threw it, else as it is. */
  readonly explain: (error: unknown) => unknown
}

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
 * @throws {ConnectorsError} `HANDLER_FAILED`, with what the handler threw as its cause.
 */
export async function prepareHandler(handler: AnyHandler, context: object, name: string): Promise<PreparedHandler> {
  const inside = typeof handler === 'function' ? handler : await prepare(handler, context, name)
  let thrown: { readonly error: unknown } | null = null
  return {
    run: async ({ tx }) => {
      thrown = null
      try {
        await inside({ ...context, tx })
      } catch (error) {
        thrown = { error }
        throw error
      }
    },
    explain: (error) => (thrown !== null && thrown.error === error ? handlerFailed(name, error) : error),
  }
}

type Inside = (context: { readonly tx: unknown }) => Promise<void>

async function prepare(handler: Exclude<AnyHandler, Inside>, context: object, name: string): Promise<Inside> {
  let inside: unknown
  try {
    inside = await handler.prepare(context)
  } catch (error) {
    throw handlerFailed(name, error)
  }
  // Said by its type, but handlers are written in JavaScript too.
  if (typeof inside === 'function') return inside as Inside
  throw new ConnectorsError(
    'HANDLER_FAILED',
    `The handler ${name} has a prepare() that does not answer a function. Return async ({ tx }) => { … } from it.`,
  )
}

function handlerFailed(name: string, error: unknown): ConnectorsError {
  if (isConnectorsError(error, 'INSIDE_TRANSACTION')) return error
  return new ConnectorsError('HANDLER_FAILED', `The handler ${name} failed: ${thrownMessage(error)}`, { cause: error })
}

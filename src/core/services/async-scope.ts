import { AsyncLocalStorage } from 'node:async_hooks'

/** A value that whatever is called on the way, also asynchronously, can read. */
export interface AsyncScope<V extends object> {
  /** Runs work within which `get` answers `value`. */
  readonly run: <R>(value: V, work: () => R) => R
  /** The value of the innermost `run` of this scope around the calling code. */
  readonly get: () => V | undefined
}

/**
 * One storage for all scopes: before Node 24 each storage that was used once is kept for ever, and makes every promise of the
 * process slower, in proportion to how many there are.
 */
const storage = new AsyncLocalStorage<ReadonlyMap<object, object>>()

/** A scope of its own: what runs in another one doesn't show in it. Costs nothing to create, and goes when it is let go. */
export function createAsyncScope<V extends object>(): AsyncScope<V> {
  // By a token of each run, so that values keep their type in the map that all scopes share.
  const values = new WeakMap<object, V>()
  const scope = {}
  return {
    run: (value, work) => {
      const token = {}
      values.set(token, value)
      return storage.run(new Map(storage.getStore()).set(scope, token), work)
    },
    get: () => {
      const token = storage.getStore()?.get(scope)
      return token && values.get(token)
    },
  }
}

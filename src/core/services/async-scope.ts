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
const storage = new AsyncLocalStorage<Frame>()

/** What one scope holds, within what others do; of each scope only the innermost, so that chains of calls don't grow. */
interface Frame {
  readonly scope: object
  readonly value: object
  readonly outer: Frame | undefined
}

/** A scope of its own: what runs in another one doesn't show in it. Costs nothing to create, and goes when it is let go. */
export function createAsyncScope<V extends object>(): AsyncScope<V> {
  const scope = {}
  return {
    run: (value, work) => storage.run({ scope, value, outer: without(scope, storage.getStore()) }, work),
    get: () => {
      let frame = storage.getStore()
      while (frame !== undefined && frame.scope !== scope) frame = frame.outer
      // Only `run` puts values under this scope, and all of its type.
      return frame?.value as V | undefined
    },
  }
}

function without(scope: object, frame: Frame | undefined): Frame | undefined {
  if (frame === undefined) return undefined
  if (frame.scope === scope) return frame.outer
  const outer = without(scope, frame.outer)
  return outer === frame.outer ? frame : { ...frame, outer }
}

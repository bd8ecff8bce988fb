import type { FetchedPage } from '../domain/provider.ts'
import { linkAbort } from './linked-abort.ts'

/** A page that is fetched while the one before it is handled. */
export interface FetchAhead {
  /**
   * Settles when the fetch has passed the gate: until it is released it waits for nothing but the provider, and leaves
   * the database alone.
   */
  readonly admitted: Promise<void>
  /** No transaction is open any more: what the fetch led to (outcome, breaker, pause) may be written. */
  readonly release: () => void
  /** The page, or why there is none; only after the release. */
  readonly page: Promise<FetchedPage<unknown>>
  /** Calls it off and waits until nothing of it is left. */
  readonly cancel: () => Promise<void>
}

/** What a fetch that goes ahead has to tell and to wait for. */
export interface FetchAheadSteps {
  readonly signal: AbortSignal
  /** To be called when the gate is passed. */
  readonly admit: () => void
  /** To be awaited before anything is written. */
  readonly released: Promise<void>
}

/** Begins to fetch a page. */
export function fetchAhead(
  signal: AbortSignal,
  fetch: (steps: FetchAheadSteps) => Promise<FetchedPage<unknown>>,
): FetchAhead {
  const own = new AbortController()
  const abort = linkAbort([signal, own.signal])
  let admit = () => {}
  let release = () => {}
  const admitted = new Promise<void>((resolve) => {
    admit = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const page = fetch({ signal: abort.signal, admit, released })
  // A failure is told when the page is asked for, which may be never.
  const settled = page.then(
    () => {},
    () => {},
  )
  void settled.then(() => {
    admit()
    abort.unlink()
  })
  return {
    admitted,
    release,
    page,
    cancel: async () => {
      own.abort()
      release()
      await settled
    },
  }
}

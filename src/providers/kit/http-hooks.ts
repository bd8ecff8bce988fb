import type { Redactor } from '../../core/domain/redaction.ts'

/** An attempt at a request, as hooks see it: nothing that holds secrets. */
export interface AttemptView {
  readonly method: string
  /** Without query string, user info and known secrets. */
  readonly url: string
  /** 1 for the first try, 2 for the first retry, … */
  readonly attempt: number
}

/**
 * What may watch the client, e.g. for metrics. Hooks change nothing: requests are changed by a `signer`. What they throw
 * or reject with is dropped, and nothing waits for them. Redirects are part of their attempt.
 */
export interface HttpHooks {
  /** Before an attempt. */
  onRequest?(attempt: AttemptView): unknown
  /** After an answer that is no failure. */
  onResponse?(attempt: AttemptView & { readonly status: number; readonly durationMs: number }): unknown
  /** After a failed attempt, whether or not it is tried again. */
  onError?(attempt: AttemptView & { readonly error: unknown; readonly durationMs: number }): unknown
}

/** Calls a hook, come what may. */
export function callHook<View>(hook: ((view: View) => unknown) | undefined, view: View): void {
  try {
    // Also waits for a rejection, so that it is nobody's unhandled one.
    void Promise.resolve(hook?.(view)).catch(() => {})
  } catch {
    // A watcher must not harm what it watches.
  }
}

/** An address as hooks see it. */
export function viewOf(url: URL, redactor: Redactor): string {
  return redactor.text(`${url.origin}${url.pathname}`)
}

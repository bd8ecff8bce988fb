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
 * or reject with goes to the log, and nothing waits for them. Redirects are part of their attempt.
 */
export interface HttpHooks {
  /** Before an attempt. */
  onRequest?(attempt: AttemptView): unknown
  /** After an answer that is no failure. */
  onResponse?(attempt: AttemptView & { readonly status: number; readonly durationMs: number }): unknown
  /** After a failed attempt, whether or not it is tried again. */
  onError?(attempt: AttemptView & { readonly error: unknown; readonly durationMs: number }): unknown
}

/** Calls one of the hooks, come what may. */
export function callHook<Name extends keyof HttpHooks>(
  hooks: HttpHooks,
  name: Name,
  view: Parameters<NonNullable<HttpHooks[Name]>>[0],
  report: (error: unknown, message: string) => void,
): void {
  // A watcher must not harm what it watches, by what it throws or by what it rejects with.
  const watch = async () => (hooks[name] as ((seen: typeof view) => unknown) | undefined)?.(view)
  watch().catch((error: unknown) => report(error, `the hook ${name} of the HTTP client failed`))
}

/** An address as hooks see it. */
export function viewOf(url: URL, redact: (text: string) => string): string {
  return redact(`${url.origin}${url.pathname}`)
}

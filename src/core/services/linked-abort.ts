/** A signal that fires with the first of several others. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  /** Lets go of the others. */
  readonly unlink: () => void
}

/**
 * Links signals. Unlike `AbortSignal.any`, which leaves something behind on a long-lived signal each time on Node 20,
 * this can be undone.
 */
export function linkAbort(signals: readonly (AbortSignal | null | undefined)[]): LinkedAbort {
  const controller = new AbortController()
  const sources = signals.filter((signal) => signal !== null && signal !== undefined)
  const abort = (event: Event) => controller.abort((event.target as AbortSignal).reason)
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason)
    else source.addEventListener('abort', abort, { once: true })
  }
  return {
    signal: controller.signal,
    unlink: () => {
      for (const source of sources) source.removeEventListener('abort', abort)
    },
  }
}

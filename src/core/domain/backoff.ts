/** Milliseconds of the n-th wait of an exponential back-off: `base * 2^(n-1)`, at most `cap`, spread by ±20 % of jitter. */
export function exponentialBackoff(
  failureCount: number,
  { baseMs, capMs, fraction }: { readonly baseMs: number; readonly capMs: number; readonly fraction: number },
): number {
  const plain = Math.min(capMs, baseMs * 2 ** Math.min(30, Math.max(0, failureCount - 1)))
  return Math.round(plain * (0.8 + 0.4 * fraction))
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Waits between the attempts at a webhook delivery, in milliseconds. */
export const webhookRetryDelaysMs: readonly number[] = [
  5 * second,
  30 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  24 * hour,
]

/** Milliseconds until a delivery is tried again after it failed for the n-th time, ±20 %; `null` when that was the last. */
export function webhookRetryDelay(failureCount: number, fraction: number): number | null {
  const delay = webhookRetryDelaysMs[failureCount - 1]
  return delay === undefined ? null : Math.round(delay * (0.8 + 0.4 * fraction))
}

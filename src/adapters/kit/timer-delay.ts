/** A delay that `setTimeout` can keep, in milliseconds: a longer one (25 days or endless) would fire at once. */
export function timerDelay(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1)
}

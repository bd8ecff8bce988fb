import type { RateLimit } from './provider.ts'

/** In milliseconds: a number holds an instant to a quarter of a microsecond, and sums of many tokens are off by more. */
const rounding = 0.1

/**
 * A token bucket holds `burst` tokens, gets `requestsPerSecond` new ones a second, and every request takes one. All there is
 * to know of it is when it will be full again: `fullAtMs`, in milliseconds since 1970; `null` = it is full.
 *
 * So in any time of `t` seconds at most `burst + requestsPerSecond * t` requests go (the generic cell rate algorithm of
 * ITU-T I.371). A clock that goes back makes nobody wait for more than one token.
 *
 * @returns `waitMs`: 0 if a token was taken, else the milliseconds until there is one; then nothing was taken.
 */
export function takeToken(
  fullAtMs: number | null,
  { requestsPerSecond, burst }: RateLimit,
  at: Date,
): { readonly fullAtMs: number; readonly waitMs: number } {
  const now = at.getTime()
  const msPerToken = 1_000 / requestsPerSecond
  const capacityMs = burst * msPerToken
  const missingMs = Math.min(Math.max(0, (fullAtMs ?? now) - now), capacityMs)
  const lackingMs = missingMs + msPerToken - capacityMs
  return lackingMs > rounding
    ? { fullAtMs: now + missingMs, waitMs: Math.ceil(lackingMs - rounding) }
    : { fullAtMs: now + missingMs + msPerToken, waitMs: 0 }
}

/** The headers in which a service says when its rate limit ends; for services that don't send `Retry-After`. */
export interface RateLimitHeaders {
  /** E.g. `x-ratelimit-reset`. */
  readonly resetHeader: string
  /**
   * What it holds: how long to wait (`seconds`, `ms`), or until when (`date`: an HTTP or ISO date; `epochSeconds`,
   * `epochMs`: since 1970).
   */
  readonly unit: 'seconds' | 'ms' | 'date' | 'epochSeconds' | 'epochMs'
  /** Tells how many requests are left: as long as it is there and isn't 0, the other one is about something else. */
  readonly remainingHeader?: string
}

/** How long the headers ask to wait, in ms; `undefined` if they don't say. `at` is the server's clock, if it told. */
export function resetWaitMs(
  { resetHeader, unit, remainingHeader }: RateLimitHeaders,
  headers: Readonly<Record<string, string>>,
  at: Date,
): number | undefined {
  const remaining = remainingHeader === undefined ? undefined : headers[remainingHeader.toLowerCase()]?.trim()
  if (remaining !== undefined && Number(remaining) !== 0) return undefined
  const value = headers[resetHeader.toLowerCase()]?.trim()
  if (value === undefined || value === '') return undefined
  const wait = unit === 'date' ? Date.parse(value) - at.getTime() : waitOf(unit, Number(value), at)
  return Number.isFinite(wait) ? Math.max(0, Math.ceil(wait)) : undefined
}

function waitOf(unit: Exclude<RateLimitHeaders['unit'], 'date'>, value: number, at: Date): number {
  switch (unit) {
    case 'seconds':
      return value * 1000
    case 'ms':
      return value
    case 'epochSeconds':
      return value * 1000 - at.getTime()
    case 'epochMs':
      return value - at.getTime()
  }
}

import type { FailedAnswer, StatusRules, StatusVerdict } from '../kit/index.ts'

/**
 * GitHub reports rate limits as 403 or 429. Primary: `x-ratelimit-remaining` is 0 and `x-ratelimit-reset` says when it
 * ends. Secondary: `retry-after`, or else only the message; then it asks for at least one minute.
 *
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export const rateLimitRules: StatusRules = { 403: rateLimit, 429: (answer) => rateLimit(answer) ?? waiting(60_000) }

function rateLimit(answer: FailedAnswer): StatusVerdict | undefined {
  const { headers, at, text } = answer
  // The kit reads the header itself.
  if (headers['retry-after'] !== undefined) return { failure: 'rateLimited' }
  if (headers['x-ratelimit-remaining']?.trim() === '0') {
    const reset = resetAt(headers['x-ratelimit-reset'])
    return waiting(reset === null ? 60_000 : Math.max(0, reset - at.getTime()))
  }
  return /secondary rate limit|abuse detection/i.test(text) ? waiting(60_000) : undefined
}

function waiting(retryAfterMs: number): StatusVerdict {
  return { failure: 'rateLimited', retryAfterMs }
}

// Documented as seconds since 1970; recorded answers with milliseconds exist. Seconds reach 1e11 in the year 5138.
function resetAt(header: string | undefined): number | null {
  if (header === undefined || !/^\d+$/.test(header.trim())) return null
  const value = Number(header)
  return value >= 1e11 ? value : value * 1000
}

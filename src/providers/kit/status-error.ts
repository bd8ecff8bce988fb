import type { ConnectorsError } from '../../core/domain/errors.ts'
import {
  AuthenticationError,
  PermissionError,
  ProviderRejectedError,
  ProviderUnavailableError,
  RateLimitError,
} from '../../core/domain/errors.ts'
import { type RateLimitHeaders, resetWaitMs } from './rate-limit-headers.ts'

/** What a failed answer means. */
export type Failure = 'authentication' | 'permission' | 'rateLimited' | 'rejected' | 'unavailable'

/** A failed answer, as the rules of a provider see it. */
export interface FailedAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as text. */
  readonly text: string
  /** The server's clock (its `Date` header), else ours: what `Retry-After` dates and reset instants count from. */
  readonly at: Date
}

/** A meaning, with the wait if the answer told one. */
export interface StatusVerdict {
  readonly failure: Failure
  readonly retryAfterMs?: number
  /** The status that says it usually, where the service has another one for it, e.g. 404: it is the error's `status`. */
  readonly status?: number
  /** What the answer tells beside its message, e.g. a code or the id of the request; it ends the error's message. */
  readonly detail?: string
}

/**
 * How a provider's statuses differ from the usual ones, by status. A function looks at the answer first;
 * `undefined` = as usual. Statuses below 400 may be listed too, for services that report failures with a 200.
 */
export type StatusRules = Readonly<
  Record<number, Failure | ((answer: FailedAnswer) => Failure | StatusVerdict | undefined)>
>

// Seconds or an HTTP date.
function retryAfterMs(header: string | undefined, at: Date): number | undefined {
  if (header === undefined) return undefined
  const value = header.trim()
  if (/^\d+$/.test(value)) return Number(value) * 1000
  // Only HTTP dates: Date.parse alone would take "-5" or "1.5" for a year.
  if (!/^[A-Za-z]{3}/.test(value)) return undefined
  const instant = Date.parse(value)
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - at.getTime())
}

/** What an answer means, or `undefined` if it isn't a failure. */
export function statusVerdict(
  answer: FailedAnswer,
  rules: StatusRules,
  rateLimitHeaders?: RateLimitHeaders,
): StatusVerdict | undefined {
  const rule = rules[answer.status]
  const special = typeof rule === 'function' ? rule(answer) : rule
  const verdict = typeof special === 'string' ? { failure: special } : special
  const failure = verdict?.failure ?? usualFailure(answer.status)
  if (failure === undefined) return undefined
  const wait =
    verdict?.retryAfterMs ??
    (failure === 'rateLimited' || failure === 'unavailable'
      ? retryAfterMs(answer.headers['retry-after'], answer.at)
      : undefined) ??
    (failure === 'rateLimited' && rateLimitHeaders !== undefined
      ? resetWaitMs(rateLimitHeaders, answer.headers, answer.at)
      : undefined)
  return {
    failure,
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...(verdict?.status !== undefined && { status: verdict.status }),
    ...(verdict?.detail !== undefined && { detail: verdict.detail }),
  }
}

function usualFailure(status: number): Failure | undefined {
  if (status < 400) return undefined
  if (status >= 500) return 'unavailable'
  if (status === 401) return 'authentication'
  if (status === 403) return 'permission'
  if (status === 429) return 'rateLimited'
  // The server gave up waiting for the request; nothing was refused.
  if (status === 408) return 'unavailable'
  return 'rejected'
}

/** The typed error of a verdict. `message` is complete. */
export function statusError(verdict: StatusVerdict, status: number, message: string): ConnectorsError {
  const details = {
    status: verdict.status ?? status,
    ...(verdict.retryAfterMs !== undefined && { retryAfterMs: verdict.retryAfterMs }),
  }
  switch (verdict.failure) {
    case 'authentication':
      return new AuthenticationError(message, details)
    case 'permission':
      return new PermissionError(message, details)
    case 'rateLimited':
      return new RateLimitError(message, details)
    case 'rejected':
      return new ProviderRejectedError(message, details)
    case 'unavailable':
      return new ProviderUnavailableError(message, details)
  }
}

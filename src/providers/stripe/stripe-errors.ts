import { z } from 'zod'
import type { FailedAnswer, Failure, StatusRules, StatusVerdict } from '../kit/index.ts'

// https://docs.stripe.com/api/errors
const errorSchema = z.object({
  error: z.object({
    type: z.string().nullish(),
    code: z.string().nullish(),
    decline_code: z.string().nullish(),
    param: z.string().nullish(),
  }),
})

/**
 * How Stripe's failures differ from the usual ones: https://docs.stripe.com/error-low-level and
 * https://docs.stripe.com/rate-limits. A 409 means that a request with the same idempotency key is under way, a 429
 * `lock_timeout` that something else changes the same object: both pass, and say nothing about a rate limit.
 * All tell Stripe's code, the parameter, and the request's id, by which their support finds it.
 */
export const stripeErrors: StatusRules = {
  ...Object.fromEntries(
    ([400, 402, 404] as const).map((status) => [status, (answer: FailedAnswer) => told('rejected', answer)]),
  ),
  401: (answer) => told('authentication', answer),
  403: (answer) => told('permission', answer),
  409: (answer) => told(answer.headers['stripe-should-retry'] === 'false' ? 'rejected' : 'unavailable', answer),
  424: (answer) => told('unavailable', answer),
  429: (answer) => told(codesOf(answer).includes('lock_timeout') ? 'unavailable' : 'rateLimited', answer),
}

function told(failure: Failure, answer: FailedAnswer): StatusVerdict {
  const requestId = answer.headers['request-id']
  const detail = [...codesOf(answer), ...(requestId === undefined ? [] : [`request ${requestId}`])].join(', ')
  return { failure, ...(detail !== '' && { detail }) }
}

function codesOf({ text }: FailedAnswer): readonly string[] {
  const parsed = errorSchema.safeParse(parse(text))
  if (!parsed.success) return []
  const { code, decline_code, param } = parsed.data.error
  return [code, decline_code, param && `parameter ${param}`].flatMap((part) => (part ? [part] : []))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

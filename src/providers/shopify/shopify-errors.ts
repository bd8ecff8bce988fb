import { z } from 'zod'
import type { FailedAnswer, Failure, StatusRules, StatusVerdict } from '../kit/index.ts'

const errorsSchema = z.object({
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }).partial().nullish() })).min(1),
  extensions: z
    .object({
      cost: z.object({
        requestedQueryCost: z.number(),
        throttleStatus: z.object({ currentlyAvailable: z.number(), restoreRate: z.number().positive() }),
      }),
    })
    .nullish()
    // What it cost is told for good measure: without it an error is still an error.
    .catch(null),
})

// https://shopify.dev/docs/api/admin-graphql#status_and_error_codes
const failures: Readonly<Record<string, Failure>> = {
  THROTTLED: 'rateLimited',
  ACCESS_DENIED: 'permission',
  SHOP_INACTIVE: 'permission',
  INTERNAL_SERVER_ERROR: 'unavailable',
  TIMEOUT: 'unavailable',
}

/**
 * How Shopify's failures differ from the usual ones. GraphQL answers most of them with HTTP 200 and `errors`; a part of the
 * data may come with them, and is not taken for the whole. How long to wait after `THROTTLED` follows from what the query
 * costs and how fast points come back: https://shopify.dev/docs/api/usage/limits
 */
export const shopifyErrors: StatusRules = {
  200: (answer) => (answer.text.includes('"errors"') ? verdictOf(answer) : undefined),
  // A shop that hasn't paid, and one that is locked.
  402: 'permission',
  423: 'permission',
  430: 'rateLimited',
}

function verdictOf(answer: FailedAnswer): StatusVerdict | undefined {
  const parsed = errorsSchema.safeParse(parse(answer.text))
  if (!parsed.success) return undefined
  const { errors, extensions } = parsed.data
  const codes = [...new Set(errors.flatMap(({ extensions: told }) => told?.code ?? []))]
  const code = codes.find((known) => failures[known] !== undefined)
  const failure = (code === undefined ? undefined : failures[code]) ?? 'rejected'
  const requestId = answer.headers['x-request-id']
  const detail = [...codes, ...(requestId === undefined ? [] : [`request ${requestId}`])].join(', ')
  const cost = failure === 'rateLimited' ? extensions?.cost : undefined
  const missing = cost === undefined ? 0 : cost.requestedQueryCost - cost.throttleStatus.currentlyAvailable
  return {
    failure,
    ...(detail !== '' && { detail }),
    // At least a second: what is available is told rounded, and may be asked for by others, too.
    ...(cost !== undefined && {
      retryAfterMs: Math.max(1_000, Math.ceil((missing / cost.throttleStatus.restoreRate) * 1_000)),
    }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

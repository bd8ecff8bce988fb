import { z } from 'zod'
import type { FailedAnswer, Failure, StatusRules, StatusVerdict } from '../kit/index.ts'

const errorSchema = z.object({
  // `path/not_found/...`: the tags of the error, the outermost first.
  error_summary: z.string(),
  error: z
    .object({ retry_after: z.number().min(0), required_scope: z.string() })
    .partial()
    .nullish()
    .catch(null),
})

/**
 * How Dropbox's failures differ from the usual ones: https://www.dropbox.com/developers/documentation/http/documentation#error-handling.
 * What a method has to say of its own comes with 409, whatever it is.
 */
export const dropboxErrors: StatusRules = {
  // A text for people; a token that isn't of Dropbox's making comes so, too.
  400: ({ text }) => (/OAuth 2 access token is malformed/i.test(text) ? 'authentication' : undefined),
  // A token that lacks a scope is a good one.
  401: (answer) => said(answer, (tags) => ({ failure: isPermission(tags) ? 'permission' : 'authentication' })),
  403: (answer) => said(answer, () => ({ failure: 'permission' })),
  409: (answer) => said(answer, conflict),
  429: (answer) => said(answer, () => ({ failure: 'rateLimited' })),
}

function isPermission([tag]: readonly string[]): boolean {
  return tag === 'missing_scope' || tag === 'route_access_denied'
}

function conflict(tags: readonly string[]): { readonly failure: Failure; readonly status?: number } {
  // "Please retry this request."
  if (tags.includes('too_many_write_operations')) return { failure: 'unavailable' }
  if (tags.includes('not_found')) return { failure: 'rejected', status: 404 }
  // The cursor is no longer known.
  if (tags[0] === 'reset') return { failure: 'rejected', status: 410 }
  return { failure: 'rejected' }
}

function said(
  { text, headers }: FailedAnswer,
  toVerdict: (tags: readonly string[]) => { readonly failure: Failure; readonly status?: number },
): StatusVerdict | undefined {
  const parsed = errorSchema.safeParse(parse(text))
  if (!parsed.success) return undefined
  const { error_summary, error } = parsed.data
  const tags = error_summary.split('/').filter((tag) => /^\w+$/.test(tag))
  const verdict = toVerdict(tags)
  const scope = error?.required_scope
  const wait = headers['retry-after'] === undefined ? error?.retry_after : undefined
  return {
    ...verdict,
    detail: [tags.join('/'), ...(scope === undefined ? [] : [`needs the scope ${scope}`])].join(', '),
    ...(verdict.failure === 'rateLimited' && wait !== undefined && { retryAfterMs: wait * 1_000 }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

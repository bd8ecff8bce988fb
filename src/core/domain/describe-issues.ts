import type { z } from 'zod'

/** Says what zod found wrong, field by field (`whole` = all of it), without the values: they may be secrets. */
export function describeIssues(issues: readonly Pick<z.core.$ZodIssue, 'path' | 'message'>[], whole = 'input'): string {
  return issues
    .map((issue) => `${issue.path.length === 0 ? whole : issue.path.map(String).join('.')}: ${issue.message}`)
    .join('; ')
}

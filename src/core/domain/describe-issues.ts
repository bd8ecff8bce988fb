import type { z } from 'zod'

/** Says what zod found wrong, field by field, without the values: they may be secrets. */
export function describeIssues(issues: readonly Pick<z.core.$ZodIssue, 'path' | 'message'>[]): string {
  return issues
    .map((issue) => `${issue.path.length === 0 ? 'input' : issue.path.map(String).join('.')}: ${issue.message}`)
    .join('; ')
}

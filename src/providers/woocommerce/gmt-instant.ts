import { z } from 'zod'

/**
 * An instant of a `…_gmt` member: ISO 8601 without a zone, in UTC, whole seconds (`2026-01-31T12:00:00`). `null` or empty
 * where there is none, e.g. on drafts. A zone is respected where a plugin adds one.
 */
export const gmtInstant = z
  .string()
  .nullish()
  .transform((text, context) => {
    if (text == null || text === '') return null
    const at = new Date(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`)
    if (!Number.isNaN(at.getTime())) return at
    context.addIssue({ code: 'custom', message: 'is no instant' })
    return z.NEVER
  })

/**
 * An instant as filters take it. Without a zone: WordPress converts one that has a zone to the time of the site, and compares
 * that with UTC (`WP_Date_Query::build_mysql_datetime()`).
 */
export function toGmt(at: Date): string {
  return at.toISOString().slice(0, 19)
}

import type { ExecutionLog } from './execution-log.ts'

/** How a call ended, to look for: an HTTP status, a class of them, any failure (4xx, 5xx, no answer), or no answer at all. */
export type ExecutionStatus = number | '2xx' | '3xx' | '4xx' | '5xx' | 'failed' | 'unanswered'

/** The words among them. */
export const executionStatuses = [
  '2xx',
  '3xx',
  '4xx',
  '5xx',
  'failed',
  'unanswered',
] as const satisfies readonly Exclude<ExecutionStatus, number>[]

/** What to look for, taken apart. */
export interface StatusRange {
  /** Statuses from `least` to `most`; `null` = none. */
  readonly answered: { readonly least: number; readonly most: number } | null
  /** Also calls that got no answer: without a status, but with an error. */
  readonly unanswered: boolean
}

/** The range of a status. */
export function statusRange(status: ExecutionStatus): StatusRange {
  if (typeof status === 'number') return { answered: { least: status, most: status }, unanswered: false }
  switch (status) {
    case 'failed':
      return { answered: { least: 400, most: 999 }, unanswered: true }
    case 'unanswered':
      return { answered: null, unanswered: true }
    case '2xx':
    case '3xx':
    case '4xx':
    case '5xx': {
      const least = Number(status[0]) * 100
      return { answered: { least, most: least + 99 }, unanswered: false }
    }
  }
}

/** Whether a call ended so. */
export function hasStatus(
  { responseStatus, error }: Pick<ExecutionLog, 'responseStatus' | 'error'>,
  status: ExecutionStatus,
): boolean {
  const { answered, unanswered } = statusRange(status)
  if (responseStatus === null) return unanswered && error !== null
  return answered !== null && responseStatus >= answered.least && responseStatus <= answered.most
}

import type { ExecutionLog } from './execution-log.ts'
import { type ExecutionStatus, hasStatus } from './execution-status.ts'

/** How calls ended: the classes of statuses, no answer, and what is none of these (an act of an operator). */
export type ExecutionOutcome = Extract<ExecutionStatus, '2xx' | '3xx' | '4xx' | '5xx' | 'unanswered'> | 'other'

/** Calls, counted. */
export interface ExecutionStats {
  readonly count: number
  /** How many ended in each way; together they are all. */
  readonly byOutcome: Readonly<Record<ExecutionOutcome, number>>
  /** Those that the filter `failed` finds: 4xx, 5xx, no answer. */
  readonly failedCount: number
  /** Mean duration in whole milliseconds; `null` without calls. */
  readonly meanMs: number | null
  /** Longest duration in milliseconds; `null` without calls. */
  readonly maxMs: number | null
}

/** Calls that answered the same status, as a database counts them. */
export interface ExecutionGroup {
  readonly responseStatus: number | null
  readonly count: number
  /** How many of them have an error. */
  readonly errorCount: number
  /** Not rounded. */
  readonly meanMs: number
  readonly maxMs: number
}

/** A single call, as a group. */
export function groupOfOne({
  responseStatus,
  error,
  durationMs,
}: Pick<ExecutionLog, 'responseStatus' | 'error' | 'durationMs'>): ExecutionGroup {
  return { responseStatus, count: 1, errorCount: error === null ? 0 : 1, meanMs: durationMs, maxMs: durationMs }
}

/** What groups, however small, are together. */
export function statsOfGroups(groups: Iterable<ExecutionGroup>): ExecutionStats {
  const byOutcome = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, unanswered: 0, other: 0 }
  let [count, failedCount, totalMs] = [0, 0, 0]
  let maxMs: number | null = null
  for (const group of groups) {
    const { responseStatus } = group
    count += group.count
    totalMs += group.count * group.meanMs
    maxMs = Math.max(maxMs ?? 0, group.maxMs)
    // Without a status it is the error that tells a call from an act.
    const unanswered = responseStatus === null ? group.errorCount : 0
    byOutcome.unanswered += unanswered
    byOutcome[outcomeOf(responseStatus)] += group.count - unanswered
    failedCount += hasStatus({ responseStatus, error: null }, 'failed') ? group.count : unanswered
  }
  return { count, byOutcome, failedCount, meanMs: count === 0 ? null : Math.round(totalMs / count), maxMs }
}

function outcomeOf(responseStatus: number | null): Exclude<ExecutionOutcome, 'unanswered'> {
  const classes = ['2xx', '3xx', '4xx', '5xx'] as const
  return classes.find((status) => hasStatus({ responseStatus, error: null }, status)) ?? 'other'
}

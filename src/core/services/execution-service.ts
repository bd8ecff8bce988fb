import type { ExecutionLog } from '../domain/execution-log.ts'
import type { ExecutionStats } from '../domain/execution-stats.ts'
import { executionStatuses } from '../domain/execution-status.ts'
import type { Listing } from '../domain/listing.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { ExecutionStatsRequest, ExecutionWindow, OperatorAct } from '../execution-verbs.ts'
import type { Clock } from '../ports/clock.ts'
import type { ExecutionLogFilter, ExecutionLogRepository } from '../ports/execution-log-repository.ts'
import type { AuditLog } from './audit-log.ts'
import { checkFields, type FieldCheck, instant, searchText, text, wholeNumber } from './check-fields.ts'
import { createListing } from './listing.ts'

/** The verbs on the audit trail. */
export interface ExecutionService<T extends TenantId> {
  readonly list: (scope: Scope<T>, filter?: ExecutionLogFilter) => Listing<ExecutionLog<T>>
  readonly stats: (scope: Scope<T>, request?: ExecutionStatsRequest) => Promise<ExecutionStats & ExecutionWindow>
  readonly record: (scope: Scope<T>, act: OperatorAct) => Promise<ExecutionLog<T>>
  readonly prune: (options: { readonly olderThanMs: number }) => Promise<number>
}

/** Rows that one statement removes: short locks, however much there is to do. */
const pruneBatch = 500

/** What is counted if nothing else is said. */
const statsWindowMs = 24 * 3_600_000

const longestAgeMs = 100 * 365 * 24 * 3_600_000

const filterFields = {
  connectionId: text,
  runId: text,
  status: {
    is: (value) => Number.isInteger(value) || executionStatuses.some((status) => status === value),
    mustBe: `a status such as 404, or one of ${executionStatuses.join(', ')}`,
  },
  method: text,
  since: instant,
  until: instant,
  text: searchText,
  newest: wholeNumber,
} satisfies Record<keyof ExecutionLogFilter, FieldCheck>

const statsFields = {
  connectionId: text,
  since: instant,
  until: instant,
} satisfies Record<keyof ExecutionStatsRequest, FieldCheck>

const pruneFields = {
  olderThanMs: {
    is: (value) => typeof value === 'number' && value >= 0 && value <= longestAgeMs,
    mustBe: '0 or more milliseconds, at most 100 years',
  },
} satisfies Record<string, FieldCheck>

/** The audit trail over its store. */
export function createExecutionService<T extends TenantId>({
  executionLogs,
  audit,
  record,
  clock,
}: {
  readonly executionLogs: ExecutionLogRepository<T>
  readonly audit: AuditLog<T>
  readonly record: ExecutionService<T>['record']
  readonly clock: Clock
}): ExecutionService<T> {
  return {
    list: (scope, filter = {}) =>
      createListing(
        async (request) => {
          checkFields('The filter of executions.list', filter, filterFields)
          await audit.flush()
          return executionLogs.list({ scope, filter, ...request })
        },
        (row) => row,
      ),
    stats: async (scope, request = {}) => {
      checkFields('The argument of executions.stats', request, statsFields)
      await audit.flush()
      const { connectionId } = request
      // A moment later than now: a call may have begun in this very millisecond.
      const until = request.until ?? new Date(clock.now().getTime() + 1)
      const since = request.since ?? new Date(until.getTime() - statsWindowMs)
      const stats = await executionLogs.stats({
        scope,
        since,
        until,
        ...(connectionId !== undefined && { connectionId }),
      })
      return { since, until, ...stats }
    },
    record,
    prune: async (options) => {
      checkFields('The argument of executions.prune', options, pruneFields)
      // It has no default: a mistyped call must not remove everything.
      checkFields('The argument of executions.prune', { olderThanMs: options.olderThanMs ?? null }, pruneFields)
      const before = new Date(clock.now().getTime() - options.olderThanMs)
      let total = 0
      for (;;) {
        const count = await executionLogs.prune({ before, limit: pruneBatch })
        total += count
        if (count < pruneBatch) return total
      }
    },
  }
}

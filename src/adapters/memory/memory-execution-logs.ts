import { ConnectorsError } from '../../core/domain/errors.ts'
import { groupOfOne, statsOfGroups } from '../../core/domain/execution-stats.ts'
import { isInScope, type TenantId } from '../../core/domain/tenant.ts'
import type { ExecutionLogRepository } from '../../core/ports/execution-log-repository.ts'
import { matchesExecution } from '../kit/matches-execution.ts'
import { copyRecord } from './copy-record.ts'
import type { RunStep } from './memory-state.ts'
import { pageOf } from './page-of.ts'

/** The audit trail in memory. */
export function memoryExecutionLogs<T extends TenantId>(run: RunStep<T>): ExecutionLogRepository<T> {
  return {
    appendMany: (rows) =>
      run((state) => {
        for (const row of rows) {
          if (state.executionLogs.get(row.id) !== undefined) {
            throw new ConnectorsError(
              'STORE_FAILED',
              `The execution log already has a row ${row.id}; nothing was added.`,
            )
          }
          state.executionLogs.set(row.id, copyRecord(row))
        }
      }),

    list: ({ scope, filter, ...request }) =>
      run((state) => {
        const { connectionId, runId, since, until, newest } = filter
        const searched = {
          ...(connectionId !== undefined && { connectionId }),
          ...(runId !== undefined && { runId }),
          ...(since !== undefined && { since }),
          ...(until !== undefined && { until }),
        }
        const rows = Array.from(state.executionLogs.entries(), ([, row]) => row)
          .filter((row) => isInScope(scope, row.tenantId) && matchesExecution(row, searched))
          .toSorted((a, b) => (a.id < b.id ? 1 : -1))
          .slice(0, newest)
          .filter((row) => matchesExecution(row, filter))
        return pageOf(rows, request, 'descending')
      }),

    stats: ({ scope, ...filter }) =>
      run((state) => {
        const rows = Array.from(state.executionLogs.entries(), ([, row]) => row)
        return statsOfGroups(
          rows.filter((row) => isInScope(scope, row.tenantId) && matchesExecution(row, filter)).map(groupOfOne),
        )
      }),

    prune: ({ before, limit }) =>
      run((state) => {
        const old = Array.from(state.executionLogs.entries(), ([, row]) => row)
          .filter(({ createdAt }) => createdAt < before)
          .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
          .slice(0, limit)
        for (const { id } of old) state.executionLogs.delete(id)
        return old.length
      }),
  }
}

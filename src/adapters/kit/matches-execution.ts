import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import { hasStatus } from '../../core/domain/execution-status.ts'
import type { ExecutionLogFilter } from '../../core/ports/execution-log-repository.ts'

/** Whether a filter lets a call through: what a database's collation or `LIKE` may see in its own way is compared to the letter. */
export function matchesExecution(row: ExecutionLog, filter: ExecutionLogFilter): boolean {
  const { connectionId, runId, status, method, since, until, text } = filter
  return (
    (connectionId === undefined || row.connectionId === connectionId) &&
    (runId === undefined || row.runId === runId) &&
    (status === undefined || hasStatus(row, status)) &&
    (method === undefined || row.method === method) &&
    (since === undefined || row.createdAt >= since) &&
    (until === undefined || row.createdAt < until) &&
    (text === undefined || row.action.includes(text) || row.url.includes(text))
  )
}

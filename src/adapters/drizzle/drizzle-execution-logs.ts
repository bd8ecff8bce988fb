import { and, desc, lt } from 'drizzle-orm'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { ExecutionLogRepository } from '../../core/ports/execution-log-repository.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import type { DrizzleSession } from './drizzle-session.ts'
import { equalTo } from './equal-to.ts'

// 15 parameters each: SQLite takes 32,766 in a statement, PostgreSQL 65,535.
const rowsPerStatement = 1_000

/** The audit trail in the database. */
export function drizzleExecutionLogs<T extends TenantId>(session: DrizzleSession<T>): ExecutionLogRepository<T> {
  const table = session.tables.executionLog
  return {
    appendMany: async (rows) => {
      if (rows.length === 0) return
      const inOne = rows.length <= rowsPerStatement ? session.refusable : session.atomic
      await inOne(async (db) => {
        for (let start = 0; start < rows.length; start += rowsPerStatement) {
          await db.insert(table).values(rows.slice(start, start + rowsPerStatement))
        }
      })
    },

    list: ({ scope, filter, after = null, limit }) =>
      session.run(async (db) => {
        const rows = await db
          .select()
          .from(table)
          .where(
            and(equalTo(table, { ...scopeWhere(scope), ...filter }), after === null ? undefined : lt(table.id, after)),
          )
          .orderBy(desc(table.id))
          .limit(limit + 1)
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),
  }
}

import { and, desc, gte, inArray, isNotNull, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import { type ExecutionGroup, statsOfGroups } from '../../core/domain/execution-stats.ts'
import { type ExecutionStatus, statusRange } from '../../core/domain/execution-status.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { ExecutionLogRepository } from '../../core/ports/execution-log-repository.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import { contains } from './contains.ts'
import type { TableLike } from './drizzle-like.ts'
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

    list: ({ scope, filter: { status, since, until, text, newest, method, ...searched }, after = null, limit }) =>
      session.run(async (db) => {
        const among = and(
          equalTo(table, { ...scopeWhere(scope), ...searched }),
          since === undefined ? undefined : gte(table.createdAt, since),
          until === undefined ? undefined : lt(table.createdAt, until),
        )
        const rows = await db
          .select()
          .from(table)
          .where(
            and(
              among,
              newest === undefined ? undefined : isAmongNewest(table, among, newest),
              equalTo(table, { method }),
              status === undefined ? undefined : endedSo(table, status),
              text === undefined ? undefined : or(contains(table.action, text), contains(table.url, text)),
              after === null ? undefined : lt(table.id, after),
            ),
          )
          .orderBy(desc(table.id))
          .limit(limit + 1)
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),

    stats: ({ scope, connectionId, since, until }) =>
      session.run(async (db) => {
        const groups = await db
          .select<ExecutionGroup>({
            responseStatus: table.responseStatus,
            // PostgreSQL answers counts and means as text.
            count: sql`count(*)`.mapWith(Number),
            errorCount: sql`count(${table.error})`.mapWith(Number),
            meanMs: sql`avg(${table.durationMs})`.mapWith(Number),
            maxMs: sql`max(${table.durationMs})`.mapWith(Number),
          })
          .from(table)
          .where(
            and(
              equalTo(table, { ...scopeWhere(scope), connectionId }),
              gte(table.createdAt, since),
              lt(table.createdAt, until),
            ),
          )
          .groupBy(table.responseStatus)
        return statsOfGroups(groups)
      }),

    prune: ({ before, limit }) =>
      session.run(async (db) => {
        const old = sql`(select ${table.id} from ${table} where ${lt(table.createdAt, before)} order by ${table.createdAt} limit ${limit})`
        return (await db.delete(table).where(inArray(table.id, old)).returning({ id: table.id })).length
      }),
  }
}

function endedSo<T extends TenantId>(table: TableLike<ExecutionLog<T>>, status: ExecutionStatus): SQL | undefined {
  const { answered, unanswered } = statusRange(status)
  return or(
    answered === null
      ? undefined
      : and(gte(table.responseStatus, answered.least), lte(table.responseStatus, answered.most)),
    unanswered ? and(isNull(table.responseStatus), isNotNull(table.error)) : undefined,
  )
}

/** Whether a call is one of the newest so many of those that are searched. */
function isAmongNewest<T extends TenantId>(
  table: TableLike<ExecutionLog<T>>,
  among: SQL | undefined,
  newest: number,
): SQL {
  // The newest one that is not; without one all are.
  const end = sql`(select ${table.id} from ${table} where ${among ?? sql`true`} order by ${table.id} desc limit 1 offset ${newest})`
  return sql`${table.id} > coalesce(${end}, '')`
}

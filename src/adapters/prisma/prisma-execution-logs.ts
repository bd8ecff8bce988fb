import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import { statusRange } from '../../core/domain/execution-status.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { ExecutionLogFilter, ExecutionLogRepository } from '../../core/ports/execution-log-repository.ts'
import { matchesExecution } from '../kit/matches-execution.ts'
import { matchingRows } from '../kit/matching-rows.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import type { ExecutionLogWhere } from './prisma-client-like.ts'
import type { PrismaSession } from './prisma-session.ts'

// PostgreSQL and MySQL take 32,767 parameters and more, 15 a row.
const mostRowsPerStatement = 1_000

/** The audit trail in the database. */
export function prismaExecutionLogs<T extends TenantId>(session: PrismaSession<T>): ExecutionLogRepository<T> {
  return {
    appendMany: async (rows) => {
      if (rows.length === 0) return
      // Prisma splits large batches into several statements.
      const { dialect, refusable, atomic } = session
      const append = !dialect.hasOneWriter && rows.length <= mostRowsPerStatement ? refusable : atomic
      await append(({ executionLog }) => executionLog.createMany({ data: [...rows] }))
    },

    list: ({ scope, filter, after = null, limit }) =>
      session.run(async ({ executionLog }) => {
        const where = { ...scopeWhere(scope), ...filterWhere<T>(filter) }
        const count = limit + 1
        const rows = await matchingRows<ExecutionLog<T>>(
          (last) => {
            const position = last?.id ?? after
            return executionLog.findMany({
              where: { ...where, ...(position !== null && { id: { lt: position } }) },
              orderBy: [{ id: 'desc' }],
              take: count,
            })
          },
          (row) => matchesExecution(row, filter),
          count,
        )
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),

    prune: ({ before, limit }) =>
      session.run(async ({ executionLog }) => {
        const old = await executionLog.findMany({
          where: { createdAt: { lt: before } },
          orderBy: [{ createdAt: 'asc' }],
          take: limit,
          select: { id: true },
        })
        if (old.length === 0) return 0
        // Of concurrent calls only the one whose statement removes a row counts it.
        const { count } = await executionLog.deleteMany({ where: { id: { in: old.map(({ id }) => id) } } })
        return count
      }),
  }
}

/** Finds all that the filter lets through, and with a text perhaps more: its wildcards are not escaped alike everywhere. */
function filterWhere<T extends TenantId>(filter: ExecutionLogFilter): ExecutionLogWhere<T> {
  const { connectionId, runId, status, method, since, until, text } = filter
  const anyOf: ExecutionLogWhere<T>[][] = []
  if (status !== undefined) {
    const { answered, unanswered } = statusRange(status)
    anyOf.push([
      ...(answered === null ? [] : [{ responseStatus: { gte: answered.least, lte: answered.most } }]),
      ...(unanswered ? [{ responseStatus: null, error: { not: null } }] : []),
    ])
  }
  if (text !== undefined) {
    // A backslash escapes what follows, except on SQLite; `_` stands for any character, it included.
    const contains = text.replaceAll('\\', '_')
    anyOf.push([{ action: { contains } }, { url: { contains } }])
  }
  return {
    ...(connectionId !== undefined && { connectionId }),
    ...(runId !== undefined && { runId }),
    ...(method !== undefined && { method }),
    ...((since !== undefined || until !== undefined) && {
      createdAt: { ...(since !== undefined && { gte: since }), ...(until !== undefined && { lt: until }) },
    }),
    ...(anyOf.length > 0 && { AND: anyOf.map((OR) => ({ OR })) }),
  }
}

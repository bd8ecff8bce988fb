import type { TenantId } from '../../core/domain/tenant.ts'
import type { ExecutionLogRepository } from '../../core/ports/execution-log-repository.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { scopeWhere } from '../kit/scope-where.ts'
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
        const rows = await executionLog.findMany({
          where: {
            ...scopeWhere(scope),
            ...(after !== null && { id: { lt: after } }),
            ...(filter.connectionId !== undefined && { connectionId: filter.connectionId }),
            ...(filter.runId !== undefined && { runId: filter.runId }),
            ...(filter.responseStatus !== undefined && { responseStatus: filter.responseStatus }),
          },
          orderBy: [{ id: 'desc' }],
          take: limit + 1,
        })
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),
  }
}

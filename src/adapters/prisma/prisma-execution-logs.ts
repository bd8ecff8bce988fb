import type { ExecutionLog } from '../../core/domain/execution-log.ts'
import { type ExecutionStats, statsOfGroups } from '../../core/domain/execution-stats.ts'
import { statusRange } from '../../core/domain/execution-status.ts'
import { isInScope, type TenantId } from '../../core/domain/tenant.ts'
import type {
  ExecutionLogFilter,
  ExecutionLogRepository,
  ExecutionStatsQuery,
} from '../../core/ports/execution-log-repository.ts'
import { matchesExecution } from '../kit/matches-execution.ts'
import { matchingRows } from '../kit/matching-rows.ts'
import { pageOfRows } from '../kit/page-of-rows.ts'
import { scopeWhere } from '../kit/scope-where.ts'
import { isComparedExactly } from './is-compared-exactly.ts'
import type { CountedExecution, ExecutionLogGroup, ExecutionLogWhere, PrismaModels } from './prisma-client-like.ts'
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
        const end = await endOfNewest(executionLog, scopeWhere(scope), filter)
        const count = limit + 1
        const rows = await matchingRows<ExecutionLog<T>>(
          (last) => {
            const position = last?.id ?? after
            return executionLog.findMany({
              where: {
                ...where,
                ...(position !== null && { id: { lt: position } }),
                ...(end !== null && { AND: [...(where.AND ?? []), { id: { gt: end } }] }),
              },
              orderBy: [{ id: 'desc' }],
              take: count,
            })
          },
          (row) => matchesExecution(row, filter),
          count,
        )
        return pageOfRows(rows, { scope, limit }, (row) => row)
      }),

    stats: (query) =>
      session.run(async ({ executionLog }) => {
        const { scope, connectionId, since, until } = query
        const where = {
          ...scopeWhere(scope),
          ...filterWhere<T>({ ...(connectionId !== undefined && { connectionId }), since, until }),
        }
        if (!isCountedExactly(session, query)) return countedInCode(executionLog, where, query)
        // What was asked for says what comes.
        const groups = (await executionLog.groupBy({
          by: ['responseStatus'],
          where,
          _count: { _all: true, error: true },
          _avg: { durationMs: true },
          _max: { durationMs: true },
        })) as readonly ExecutionLogGroup[]
        return statsOfGroups(
          groups.map(({ responseStatus, _count, _avg, _max }) => ({
            responseStatus,
            count: _count._all,
            errorCount: _count.error,
            meanMs: _avg.durationMs ?? 0,
            maxMs: _max.durationMs ?? 0,
          })),
        )
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

/** The newest call that is not searched any more; `null` = all are. */
async function endOfNewest<T extends TenantId>(
  executionLog: PrismaModels<T>['executionLog'],
  where: ExecutionLogWhere<T>,
  { newest, status: _status, method: _method, text: _text, ...searched }: ExecutionLogFilter,
): Promise<string | null> {
  if (newest === undefined) return null
  const [next] = await executionLog.findMany({
    where: { ...where, ...filterWhere<T>(searched) },
    orderBy: [{ id: 'desc' }],
    skip: newest,
    take: 1,
    select: { id: true },
  })
  return next?.id ?? null
}

/** Whether the database's own conditions mean just what the query says: a collation may take other ids for those named. */
function isCountedExactly<T extends TenantId>(
  session: PrismaSession<T>,
  { scope, connectionId }: ExecutionStatsQuery<T>,
): boolean {
  if (connectionId !== undefined && !session.dialect.comparesExactly) return false
  return scope.kind === 'operator' || isComparedExactly(session, scope.tenantId)
}

/** One query for each thousand calls: where the database can't compare exactly, it can't count exactly either. */
async function countedInCode<T extends TenantId>(
  executionLog: PrismaModels<T>['executionLog'],
  where: ExecutionLogWhere<T>,
  { scope, connectionId }: ExecutionStatsQuery<T>,
): Promise<ExecutionStats> {
  const counts = new Map<number | null, { count: number; errorCount: number; totalMs: number; maxMs: number }>()
  for (let last: string | null = null; ; ) {
    const rows: readonly CountedExecution<T>[] = await executionLog.findMany({
      where: { ...where, ...(last !== null && { id: { lt: last } }) },
      orderBy: [{ id: 'desc' }],
      take: mostRowsPerStatement,
      select: { id: true, tenantId: true, connectionId: true, responseStatus: true, error: true, durationMs: true },
    })
    for (const { tenantId, responseStatus, error, durationMs, ...row } of rows) {
      if (!isInScope(scope, tenantId) || (connectionId !== undefined && row.connectionId !== connectionId)) continue
      const known = counts.get(responseStatus) ?? { count: 0, errorCount: 0, totalMs: 0, maxMs: 0 }
      known.count += 1
      if (error !== null) known.errorCount += 1
      known.totalMs += durationMs
      known.maxMs = Math.max(known.maxMs, durationMs)
      counts.set(responseStatus, known)
    }
    last = rows.at(-1)?.id ?? null
    if (rows.length < mostRowsPerStatement) break
  }
  return statsOfGroups(
    Array.from(counts, ([responseStatus, { totalMs, ...group }]) => ({
      responseStatus,
      ...group,
      meanMs: totalMs / group.count,
    })),
  )
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

import type { ExecutionLog } from '../../../src/core/domain/execution-log.ts'
import { groupOfOne, statsOfGroups } from '../../../src/core/domain/execution-stats.ts'
import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { ExecutionLogRepository } from '../../../src/core/ports/execution-log-repository.ts'
import type { Saboteur } from './saboteur.ts'

function executionLogs(
  mistake: string,
  caughtBy: readonly string[],
  bad: (good: ExecutionLogRepository<string>) => Partial<ExecutionLogRepository<string>>,
): Saboteur {
  return {
    mistake,
    caughtBy,
    sabotage: (good) => ({ ...good, executionLogs: { ...good.executionLogs, ...bad(good.executionLogs) } }),
  }
}

/** Lists as SQL's LIKE finds a text: case doesn't count, and `%` and `_` stand for others. */
function asLike(good: ExecutionLogRepository<string>): ExecutionLogRepository<string>['list'] {
  return async ({ filter: { text, ...filter }, limit, ...query }) => {
    const { items } = await good.list({ ...query, filter, limit: 1_000 })
    const pattern = new RegExp(
      (text ?? '')
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('%', '.*')
        .replaceAll('_', '.'),
      'isu',
    )
    const found = items.filter(({ action, url }) => pattern.test(action) || pattern.test(url))
    return { items: found.slice(0, limit), next: found.length > limit ? (found[limit - 1]?.id ?? null) : null }
  }
}

/** Counts what a change makes of the calls, newest first. */
function statsOver(
  good: ExecutionLogRepository<string>,
  change: (items: readonly ExecutionLog<string>[]) => readonly ExecutionLog<string>[],
): ExecutionLogRepository<string>['stats'] {
  return async ({ scope, ...filter }) => {
    const { items } = await good.list({ scope, filter, limit: 2_000 })
    return statsOfGroups(change(items).map(groupOfOne))
  }
}

export const executionLogSaboteurs: readonly Saboteur[] = [
  executionLogs('the text of a list is matched by LIKE', ['execution-logs/list/text-exactness'], (good) => ({
    list: asLike(good),
  })),

  executionLogs('a page is cut first and compared to the letter then', ['execution-logs/list/full-pages'], (good) => ({
    list: async ({ filter: { text, ...filter }, ...query }) => {
      const page = await good.list({ ...query, filter })
      return { ...page, items: page.items.filter(({ action, url }) => `${action} ${url}`.includes(text ?? '')) }
    },
  })),

  executionLogs('stats count the first thousand calls', ['execution-logs/stats/all-rows'], (good) => ({
    stats: statsOver(good, (items) => items.slice(0, 1_000)),
  })),

  executionLogs(
    'stats take an act without a status for a call without answer',
    ['execution-logs/stats/outcomes'],
    (good) => ({
      stats: statsOver(good, (items) => items.map((row) => ({ ...row, error: row.error ?? 'none' }))),
    }),
  ),

  executionLogs('the mean of stats is that of the means of each status', ['execution-logs/stats/outcomes'], (good) => ({
    stats: async (query) => {
      const { items } = await good.list({ scope: query.scope, filter: {}, limit: 2_000 })
      const groups = [...new Set(items.map(({ responseStatus }) => responseStatus))].map((status) => {
        const durations = items.filter((row) => row.responseStatus === status).map(({ durationMs }) => durationMs)
        return durations.reduce((sum, ms) => sum + ms, 0) / durations.length
      })
      const meanMs = Math.round(groups.reduce((sum, ms) => sum + ms, 0) / groups.length)
      return { ...(await good.stats(query)), meanMs }
    },
  })),

  executionLogs('durations of stats overflow 32 bits', ['execution-logs/stats/outcomes'], (good) => ({
    stats: statsOver(good, (items) => items.map((row) => ({ ...row, durationMs: (row.durationMs * 2) | 0 }))),
  })),

  executionLogs('without calls the mean of stats is 0', ['execution-logs/stats/none'], (good) => ({
    stats: async (query) => {
      const stats = await good.stats(query)
      return { ...stats, meanMs: stats.meanMs ?? 0 }
    },
  })),

  executionLogs('until of stats is inclusive', ['execution-logs/stats/window'], (good) => ({
    stats: ({ until, ...query }) => good.stats({ ...query, until: new Date(until.getTime() + 1) }),
  })),

  executionLogs('since of stats is exclusive', ['execution-logs/stats/window'], (good) => ({
    stats: ({ since, ...query }) => good.stats({ ...query, since: new Date(since.getTime() + 1) }),
  })),

  executionLogs('stats of a connection forget the tenant', ['execution-logs/stats/scope'], (good) => ({
    stats: (query) => good.stats(query.connectionId === undefined ? query : { ...query, scope: operatorScope }),
  })),

  executionLogs('stats take tenants that look alike for one', ['execution-logs/stats/exact-tenant'], (good) => ({
    stats: async (query) => {
      const { scope, connectionId } = query
      if (scope.kind === 'operator' || connectionId === undefined) return good.stats(query)
      const { items } = await good.list({ scope: operatorScope, filter: { connectionId }, limit: 2_000 })
      const alike = (tenantId: string) => tenantId.trim().toLowerCase()
      return statsOfGroups(items.filter((row) => alike(row.tenantId) === alike(scope.tenantId)).map(groupOfOne))
    },
  })),

  executionLogs('prune counts what it found, not what it removed', ['execution-logs/prune/counted-once'], (good) => ({
    prune: async (query) => {
      const count = await good.prune(query)
      return count === 0 ? 0 : query.limit + 1
    },
  })),
]

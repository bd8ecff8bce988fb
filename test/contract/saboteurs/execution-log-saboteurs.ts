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

  executionLogs('prune counts what it found, not what it removed', ['execution-logs/prune/counted-once'], (good) => ({
    prune: async (query) => {
      const count = await good.prune(query)
      return count === 0 ? 0 : query.limit + 1
    },
  })),
]

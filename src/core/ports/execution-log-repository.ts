import type { ExecutionLog } from '../domain/execution-log.ts'
import type { ExecutionStats } from '../domain/execution-stats.ts'
import type { ExecutionStatus } from '../domain/execution-status.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'

/** Which calls to list: those that everything named here is true of. */
export interface ExecutionLogFilter {
  readonly connectionId?: string
  readonly runId?: string
  /** How they ended, e.g. `404`, `5xx` or `failed`. */
  readonly status?: ExecutionStatus
  /** HTTP method, upper case. */
  readonly method?: string
  /** Begun at this instant or later. */
  readonly since?: Date
  /** Begun before this instant. */
  readonly until?: Date
  /** Whose action or URL contains this text, at most 200 characters. To the letter: case counts, and `%` and `_` are themselves. */
  readonly text?: string
  /**
   * Only among the newest so many calls of those that scope, connection, run, `since` and `until` name, so that a search ends
   * however much there is.
   */
  readonly newest?: number
}

/** Which calls to count. */
export interface ExecutionStatsQuery<T extends TenantId> {
  readonly scope: Scope<T>
  readonly connectionId?: string
  /** Begun at this instant or later. */
  readonly since: Date
  /** Begun before this instant. */
  readonly until: Date
}

/** Stores the audit trail. See {@link RepositorySet} for the rules all verbs follow. */
export interface ExecutionLogRepository<T extends TenantId> {
  /** Adds all rows or none. */
  readonly appendMany: (rows: readonly ExecutionLog<T>[]) => Promise<void>

  /** Calls, newest (highest id) first. A page is full as long as there are more. */
  readonly list: (
    query: { readonly scope: Scope<T>; readonly filter: ExecutionLogFilter } & PageRequest,
  ) => Promise<Page<ExecutionLog<T>>>

  /**
   * Counts the calls that began at `since` or later and before `until`, all of them and to the letter: those of the scope,
   * of one connection if it is named. Their bodies are not read.
   */
  readonly stats: (query: ExecutionStatsQuery<T>) => Promise<ExecutionStats>

  /**
   * Removes calls of all tenants that began before an instant, the oldest first and at most `limit`, and answers how many.
   * Of concurrent calls each row is removed, and counted, by one.
   */
  readonly prune: (query: { readonly before: Date; readonly limit: number }) => Promise<number>
}

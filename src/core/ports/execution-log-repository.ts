import type { ExecutionLog } from '../domain/execution-log.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'

/** Which calls to list. */
export interface ExecutionLogFilter {
  readonly connectionId?: string
  readonly runId?: string
  /** Only calls with this HTTP status. */
  readonly responseStatus?: number
}

/** Stores the audit trail. See {@link RepositorySet} for the rules all verbs follow. */
export interface ExecutionLogRepository<T extends TenantId> {
  /** Adds all rows or none. */
  readonly appendMany: (rows: readonly ExecutionLog<T>[]) => Promise<void>

  /** Calls, newest (highest id) first. */
  readonly list: (
    query: { readonly scope: Scope<T>; readonly filter: ExecutionLogFilter } & PageRequest,
  ) => Promise<Page<ExecutionLog<T>>>
}

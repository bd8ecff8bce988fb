import type { ExecutionLog } from './domain/execution-log.ts'
import type { ExecutionStats } from './domain/execution-stats.ts'
import type { Listing } from './domain/listing.ts'
import type { TenantId } from './domain/tenant.ts'
import type { ExecutionLogFilter } from './ports/execution-log-repository.ts'

/** A span of time: from an instant on, and before another. */
export interface ExecutionWindow {
  readonly since: Date
  readonly until: Date
}

/** Which calls to count: those begun in the window, of one connection if it is named. */
export interface ExecutionStatsRequest extends Partial<ExecutionWindow> {
  readonly connectionId?: string
}

/** The verbs on the audit trail. */
export interface ExecutionVerbs<T extends TenantId> {
  /** Calls to providers, newest first, those of this process included up to now. */
  list(filter?: ExecutionLogFilter): Listing<ExecutionLog<T>>
  /**
   * Counts calls by how they ended, with their mean and longest duration, and says for which window. Default: the 24 hours
   * before `until`, which is now. Those of this process up to now are in it.
   *
   * @throws {ConnectorsError} `INVALID_INPUT`.
   */
  stats(request?: ExecutionStatsRequest): Promise<ExecutionStats & ExecutionWindow>
}

/** The verbs on the audit trail as a whole. */
export interface OperatorExecutionVerbs<T extends TenantId> extends ExecutionVerbs<T> {
  /**
   * Removes calls of all tenants that began longer ago than that, in small batches, and answers how many. Nothing else
   * removes any: call it once a day.
   *
   * @throws {ConnectorsError} `INVALID_INPUT`.
   */
  prune(options: { readonly olderThanMs: number }): Promise<number>
  /**
   * Calls that this process made, but could not write down: the buffer was full, the store refused the row, or was away at
   * `close()`. For your monitoring: anything above 0 is a gap in the audit trail. Works after `close()` too.
   */
  droppedCount(): number
}

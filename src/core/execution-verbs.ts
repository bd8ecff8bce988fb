import type { ExecutionLog } from './domain/execution-log.ts'
import type { ExecutionStats } from './domain/execution-stats.ts'
import type { JsonObject } from './domain/json.ts'
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

/** Something that a person did to a connection, for the audit trail. */
export interface OperatorAct {
  readonly connectionId: string
  /** Who: an account, an address; at most 200 characters. */
  readonly actor: string
  /** What, e.g. `connections.disable`; at most 200 characters. */
  readonly action: string
  /** With what: kept as JSON, without the secrets of the connection. */
  readonly details?: JsonObject
  /** What became of it, for people; without the secrets of the connection. At most 10,000 characters. */
  readonly outcome?: string
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
  /**
   * Writes down what a person did, as a row with an actor, the method `ACT` and the run `operator` (so that
   * `list({ runId: 'operator' })` is what people did). Statistics count it as `other`. The connection may be deleted.
   *
   * @throws {ConnectorsError} `CONNECTION_NOT_FOUND`; `INVALID_INPUT`.
   */
  record(act: OperatorAct): Promise<ExecutionLog<T>>
}

/** The verbs on the audit trail as a whole. */
export interface OperatorExecutionVerbs<T extends TenantId> extends ExecutionVerbs<T> {
  /**
   * Removes calls of all tenants that began longer ago than that, in small batches, and answers how many. Ticks do so by
   * themselves (`work`, `tick`); without them call it once a day.
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

import type { TenantId } from '../domain/tenant.ts'
import type { ConnectionRepository } from './connection-repository.ts'
import type { ExecutionLogRepository } from './execution-log-repository.ts'
import type { OAuthStateRepository } from './oauth-state-repository.ts'
import type { SyncStateRepository } from './sync-state-repository.ts'
import type { WebhookEventRepository } from './webhook-event-repository.ts'

/**
 * The five things the core needs from a store. Rules that hold for every verb:
 *
 * - Instants come from the caller and are kept to the millisecond; outside of the years 1000 to 9999 they are `INVALID_INPUT`.
 * - Text, also in JSON, loses NUL, and halves of surrogate pairs become U+FFFD. In the ids and keys of a new row they are
 *   `INVALID_INPUT`, and a lookup or a change by such a text finds nothing. Numbers in JSON are those of JavaScript.
 * - Records are copies: changing one that went in or came out changes nothing stored.
 * - `find` answers a record or `null`; `list` a keyset page; `create` throws on conflict;
 *   `insertIfAbsent`, `claim`, `acquire` and `record…` are atomic with exactly one winner.
 * - A refused write never poisons the transaction around it.
 * - Every failure of the store itself is a `ConnectorsError`: `STORE_UNAVAILABLE` when trying again may help,
 *   else `STORE_FAILED`. No error of the database client gets out as it is (it is the `cause`).
 * - Deleted connections are invisible, unless a verb says otherwise.
 */
export interface RepositorySet<T extends TenantId> {
  readonly connections: ConnectionRepository<T>
  readonly syncStates: SyncStateRepository<T>
  readonly webhookEvents: WebhookEventRepository<T>
  readonly executionLogs: ExecutionLogRepository<T>
  readonly oauthStates: OAuthStateRepository<T>
}

/** Limits of one transaction, in milliseconds. */
export interface TransactionLimits {
  /** How long the work may take before the transaction is rolled back. */
  readonly timeoutMs: number
  /** How long to wait for a connection or for our turn. */
  readonly maxWaitMs: number
}

/** What the work of a transaction is given: the verbs bound to it, and the database client's own handle. */
export interface TransactionContext<T extends TenantId, Tx> {
  readonly repositories: RepositorySet<T>
  readonly tx: Tx
}

/** A store: the repositories and a transaction over them. `Tx` is the client's own transaction handle. */
export interface Repositories<T extends TenantId = TenantId, Tx = unknown> extends RepositorySet<T> {
  /**
   * Runs `work` in one transaction: all of its effects or none.
   *
   * `work` is run again only after a serialization failure, a deadlock or a busy store, never after a lost connection;
   * it may run more than once, its database effects happen once. An error thrown by `work` rolls back and is rethrown
   * as it is. After any other error the caller has to re-read what it wrote: the answer to a COMMIT can be lost although
   * the commit happened. A transaction inside of `work` is refused, or a savepoint; all stores here refuse it.
   *
   * @throws {ConnectorsError} `HANDLER_TIMEOUT` when `timeoutMs` is over; `STORE_UNAVAILABLE` when no turn came within
   *   `maxWaitMs`; `INSIDE_TRANSACTION` inside the work of another one.
   */
  readonly transaction: <R>(
    work: (context: TransactionContext<T, Tx>) => Promise<R>,
    limits: TransactionLimits,
  ) => Promise<R>
}

import { is } from 'drizzle-orm'
import { PgDatabase, PgTable } from 'drizzle-orm/pg-core'
import { BaseSQLiteDatabase, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { ConnectorsError } from '../../core/domain/errors.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { Repositories, RepositorySet } from '../../core/ports/repositories.ts'
import { storableRepositories } from '../kit/storable-repositories.ts'
import { drizzleConnections } from './drizzle-connections.ts'
import { drizzleExecutionLogs } from './drizzle-execution-logs.ts'
import type { ConnectorsTablesLike, DrizzleDatabaseLike, DrizzleHandle, RecordTables, TxOf } from './drizzle-like.ts'
import { drizzleOAuthStates } from './drizzle-oauth-states.ts'
import type { DrizzleSession } from './drizzle-session.ts'
import { drizzleStore } from './drizzle-store.ts'
import { drizzleSyncStates } from './drizzle-sync-states.ts'
import { drizzleWebhookEvents } from './drizzle-webhook-events.ts'
import { isSingleConnection } from './single-connection-client.ts'

export { connectorsTables } from './connectors-tables.ts'
export { singleConnectionClient } from './single-connection-client.ts'

/** How the Drizzle repositories behave. */
export interface DrizzleRepositoriesOptions<T extends TenantId> {
  /** What `connectorsTables` made for the database's dialect. */
  readonly tables: ConnectorsTablesLike<T>
  /** How long a verb that needs a transaction of its own waits for one, in milliseconds; default 10,000. */
  readonly maxWaitMs?: number
}

/**
 * Repositories in a Drizzle database over node-postgres (a `Pool`) or libSQL.
 * The type of the tenant id is that of the column in `tables`, the transaction handle is the database's own.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for another kind of database, tables of another dialect, a single connection
 * of PostgreSQL, or a libSQL client on a file without `singleConnectionClient`.
 * @example
 * const connectors = createConnectors(drizzleRepositories(db, { tables }), options)
 */
export function drizzleRepositories<const Db extends DrizzleDatabaseLike, T extends TenantId>(
  db: Db,
  { tables, maxWaitMs = 10_000 }: DrizzleRepositoriesOptions<T>,
): Repositories<T, TxOf<Db>> {
  assertSupported(db, tables)
  // Drizzle's query builder is the same in both dialects as far as we use it, and only our own JSON and words are written.
  const store = drizzleStore(db as unknown as DrizzleHandle, tables as unknown as RecordTables<T>, maxWaitMs)
  return {
    ...repositorySet(store.session),
    transaction: (work, limits) =>
      // The handle that the database hands out is what TxOf reads from its type.
      store.transaction((session, tx) => work({ repositories: repositorySet(session), tx: tx as TxOf<Db> }), limits),
  }
}

function repositorySet<T extends TenantId>(session: DrizzleSession<T>): RepositorySet<T> {
  return storableRepositories({
    connections: drizzleConnections(session),
    syncStates: drizzleSyncStates(session),
    webhookEvents: drizzleWebhookEvents(session),
    executionLogs: drizzleExecutionLogs(session),
    oauthStates: drizzleOAuthStates(session),
  })
}

function assertSupported(db: DrizzleDatabaseLike, tables: object): void {
  const isPg = is(db, PgDatabase)
  if (
    !isPg &&
    !(is(db, BaseSQLiteDatabase) && (db as object as { readonly resultKind?: unknown }).resultKind === 'async')
  ) {
    throw unsupported('drizzleRepositories supports PostgreSQL through node-postgres and SQLite through libSQL.')
  }
  if (!Object.values(tables).every((table) => is(table, isPg ? PgTable : SQLiteTable))) {
    throw unsupported(`The tables are of another dialect; make them with connectorsTables.${isPg ? 'pg' : 'sqlite'}().`)
  }
  const client = db.$client as { readonly protocol?: unknown; readonly query?: unknown; readonly totalCount?: unknown }
  // What others do on the one connection would become part of whatever transaction is open.
  if (isPg && typeof client.query === 'function' && client.totalCount === undefined) {
    throw unsupported('drizzleRepositories needs a Pool of node-postgres, not a single Client.')
  }
  if (!isPg && client.protocol === 'file' && !isSingleConnection(client)) {
    throw unsupported('Wrap the libSQL client: drizzle(singleConnectionClient(createClient(…))).')
  }
}

function unsupported(message: string): ConnectorsError<'INVALID_OPTIONS'> {
  return new ConnectorsError('INVALID_OPTIONS', message)
}

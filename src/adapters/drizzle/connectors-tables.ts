import { pgTables } from './pg-tables.ts'
import { sqliteTables } from './sqlite-tables.ts'

/**
 * The tables of the library, as part of your own Drizzle schema. Export each of them from the file that drizzle-kit reads.
 *
 * @example
 * export const { connection, syncState, webhookEvent, executionLog, oauthState } = connectorsTables.pg({
 *   tenantId: uuid,
 *   references: () => companies.id,
 * })
 */
export const connectorsTables = {
  /** For PostgreSQL. */
  pg: pgTables,
  /** For SQLite. */
  sqlite: sqliteTables,
}

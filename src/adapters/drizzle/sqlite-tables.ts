import {
  type AnySQLiteColumn,
  customType,
  index,
  integer,
  type SQLiteColumn,
  type SQLiteColumnBuilderBase,
  sqliteTable,
  text,
  type UpdateDeleteAction,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import { buildColumns, namedIndexes } from './build-columns.ts'
import { type ColumnsOf, connectorsColumns, type TableSpec } from './connectors-columns.ts'

// The very text that Prisma writes for a DateTime, so that both order and compare alike.
const instant = customType<{ data: Date; driverData: string | number }>({
  dataType: () => 'datetime',
  toDriver: (at) => at.toISOString().replace('Z', '+00:00'),
  fromDriver: (stored) => new Date(stored),
})

const json = customType<{ data: unknown; driverData: string }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (stored) => JSON.parse(stored),
})

const blob = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'blob',
  // A copy of exactly these bytes: a Buffer may be a window on a larger pool.
  toDriver: (bytes) => new Uint8Array(bytes),
  fromDriver: (stored) => new Uint8Array(stored),
})

const kinds = {
  text: (name: string) => text(name),
  integer: (name: string) => integer(name),
  boolean: (name: string) => integer(name, { mode: 'boolean' }),
  instant: (name: string) => instant(name),
  json: (name: string) => json(name),
  bytes: (name: string) => blob(name),
}

/** How the tables fit into a SQLite schema of the user's. */
export interface SqliteTablesOptions<Tenant extends SQLiteColumnBuilderBase> {
  /** Makes the column of the tenant's id: `text` or `integer`. */
  readonly tenantId: (name: 'tenantId') => Tenant
  /** The id of your tenant table, if connections shall refer to it; default: no foreign key. */
  readonly references?: () => AnySQLiteColumn
  /** What becomes of connections when their tenant is deleted; default `cascade`. */
  readonly onDelete?: UpdateDeleteAction
}

/** The tables for SQLite. See `connectorsTables`. */
export function sqliteTables<Tenant extends SQLiteColumnBuilderBase>(options: SqliteTablesOptions<Tenant>) {
  const { tenantId, references, onDelete = 'cascade' } = options
  const columns = <Name extends keyof typeof connectorsColumns>(name: Name) =>
    buildColumns<ColumnsOf<Name>, typeof kinds, Tenant>(connectorsColumns[name].columns, kinds, () =>
      tenantId('tenantId'),
    )
  const indexes = (spec: TableSpec) => (self: object) =>
    namedIndexes(spec, Number.POSITIVE_INFINITY).map(({ name, columns: names, isUnique }) => {
      // Names of the table's own columns, of which there is one at least.
      const on = names.map((column) => (self as Record<string, SQLiteColumn>)[column]) as [
        SQLiteColumn,
        ...SQLiteColumn[],
      ]
      return (isUnique ? uniqueIndex(name) : index(name)).on(...on)
    })

  const ofConnection = columns('connection')
  if (references !== undefined) refer(ofConnection.tenantId, references, onDelete)
  const connection = sqliteTable(connectorsColumns.connection.name, ofConnection, indexes(connectorsColumns.connection))

  const ofSyncState = columns('syncState')
  refer(ofSyncState.connectionId, () => connection.id, 'cascade')
  return {
    connection,
    syncState: sqliteTable(connectorsColumns.syncState.name, ofSyncState, indexes(connectorsColumns.syncState)),
    webhookEvent: sqliteTable(
      connectorsColumns.webhookEvent.name,
      columns('webhookEvent'),
      indexes(connectorsColumns.webhookEvent),
    ),
    executionLog: sqliteTable(
      connectorsColumns.executionLog.name,
      columns('executionLog'),
      indexes(connectorsColumns.executionLog),
    ),
    oauthState: sqliteTable(
      connectorsColumns.oauthState.name,
      columns('oauthState'),
      indexes(connectorsColumns.oauthState),
    ),
  }
}

function refer(builder: object, ref: () => AnySQLiteColumn, onDelete: UpdateDeleteAction): void {
  // Every column builder of this dialect has it; the type of a table's columns doesn't say so.
  const { references } = builder as {
    references: (
      ref: () => AnySQLiteColumn,
      actions: { onDelete: UpdateDeleteAction; onUpdate: UpdateDeleteAction },
    ) => unknown
  }
  references.call(builder, ref, { onDelete, onUpdate: 'cascade' })
}

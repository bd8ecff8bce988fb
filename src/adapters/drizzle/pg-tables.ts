import {
  type AnyPgColumn,
  boolean,
  customType,
  index,
  integer,
  type PgColumn,
  type PgColumnBuilderBase,
  pgTable,
  text,
  timestamp,
  type UpdateDeleteAction,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { buildColumns, namedIndexes } from './build-columns.ts'
import { type ColumnsOf, connectorsColumns, type TableSpec } from './connectors-columns.ts'

// Drizzle's own jsonb parses a JSON string once more: "5" would come back as 5.
const jsonb = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value),
})

const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (bytes) => Buffer.from(bytes),
  fromDriver: (buffer) => new Uint8Array(buffer),
})

// PostgreSQL cuts longer names off.
const maxNameLength = 63

const kinds = {
  text: (name: string) => text(name),
  integer: (name: string) => integer(name),
  boolean: (name: string) => boolean(name),
  // Without a zone, as in the Prisma fragment: what is written and read is UTC in every session.
  instant: (name: string) => timestamp(name, { precision: 3, mode: 'date' }),
  json: (name: string) => jsonb(name),
  bytes: (name: string) => bytea(name),
}

/** How the tables fit into a PostgreSQL schema of the user's. */
export interface PgTablesOptions<Tenant extends PgColumnBuilderBase> {
  /** Makes the column of the tenant's id: `text`, `uuid`, `integer`, `(name) => bigint(name, { mode: 'bigint' })`. */
  readonly tenantId: (name: 'tenantId') => Tenant
  /** The id of your tenant table, if connections shall refer to it; default: no foreign key. */
  readonly references?: () => AnyPgColumn
  /** What becomes of connections when their tenant is deleted; default `cascade`. */
  readonly onDelete?: UpdateDeleteAction
}

/** The tables for PostgreSQL. See `connectorsTables`. */
export function pgTables<Tenant extends PgColumnBuilderBase>(options: PgTablesOptions<Tenant>) {
  const { tenantId, references, onDelete = 'cascade' } = options
  const columns = <Name extends keyof typeof connectorsColumns>(name: Name) =>
    buildColumns<ColumnsOf<Name>, typeof kinds, Tenant>(connectorsColumns[name].columns, kinds, () =>
      tenantId('tenantId'),
    )
  const indexes = (spec: TableSpec) => (self: object) =>
    namedIndexes(spec, maxNameLength).map(({ name, columns: names, isUnique }) => {
      // Names of the table's own columns, of which there is one at least.
      const on = names.map((column) => (self as Record<string, PgColumn>)[column]) as [PgColumn, ...PgColumn[]]
      return (isUnique ? uniqueIndex(name) : index(name)).on(...on)
    })

  const ofConnection = columns('connection')
  if (references !== undefined) refer(ofConnection.tenantId, references, onDelete)
  const connection = pgTable(connectorsColumns.connection.name, ofConnection, indexes(connectorsColumns.connection))

  const ofSyncState = columns('syncState')
  refer(ofSyncState.connectionId, () => connection.id, 'cascade')
  return {
    connection,
    syncState: pgTable(connectorsColumns.syncState.name, ofSyncState, indexes(connectorsColumns.syncState)),
    webhookEvent: pgTable(
      connectorsColumns.webhookEvent.name,
      columns('webhookEvent'),
      indexes(connectorsColumns.webhookEvent),
    ),
    executionLog: pgTable(
      connectorsColumns.executionLog.name,
      columns('executionLog'),
      indexes(connectorsColumns.executionLog),
    ),
    oauthState: pgTable(
      connectorsColumns.oauthState.name,
      columns('oauthState'),
      indexes(connectorsColumns.oauthState),
    ),
  }
}

function refer(builder: object, ref: () => AnyPgColumn, onDelete: UpdateDeleteAction): void {
  // Every column builder of this dialect has it; the type of a table's columns doesn't say so.
  const { references } = builder as {
    references: (
      ref: () => AnyPgColumn,
      actions: { onDelete: UpdateDeleteAction; onUpdate: UpdateDeleteAction },
    ) => unknown
  }
  references.call(builder, ref, { onDelete, onUpdate: 'cascade' })
}

import type { BuildColumns } from 'drizzle-orm'
import {
  type AnySQLiteColumn,
  customType,
  index,
  integer,
  type SQLiteColumn,
  type SQLiteColumnBuilder,
  type SQLiteColumnBuilderBase,
  type SQLiteTableWithColumns,
  sqliteTable,
  text,
  type UpdateDeleteAction,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import { type BuildersFor, buildColumns, namedIndexes } from './build-columns.ts'
import { connectorsColumns, type TableSpec } from './connectors-columns.ts'

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

// What Prisma calls it; all integers of SQLite have 64 bits.
const bigint = customType<{ data: number; driverData: number }>({ dataType: () => 'bigint' })

const kinds = {
  text: (name: string) => text(name),
  integer: (name: string) => integer(name),
  count: (name: string) => bigint(name),
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

type Names = keyof typeof connectorsColumns

/** The tables, as Drizzle types its own. */
export type SqliteTables<Tenant extends SQLiteColumnBuilderBase> = {
  readonly [Name in Names]: SQLiteTableWithColumns<{
    name: (typeof connectorsColumns)[Name]['name']
    schema: undefined
    columns: BuildColumns<
      (typeof connectorsColumns)[Name]['name'],
      BuildersFor<(typeof connectorsColumns)[Name]['columns'], typeof kinds, Tenant>,
      'sqlite'
    >
    dialect: 'sqlite'
  }>
}

/** The tables for SQLite. See `connectorsTables`. */
export function sqliteTables<Tenant extends SQLiteColumnBuilderBase>(
  options: SqliteTablesOptions<Tenant>,
): SqliteTables<Tenant> {
  const { tenantId, references, onDelete = 'cascade' } = options
  const made: Record<string, object> = {}
  const tables = made as unknown as SqliteTables<Tenant> // what the loop makes of it, as a type
  for (const [key, spec] of Object.entries<TableSpec>(connectorsColumns)) {
    const columns = buildColumns<SQLiteColumnBuilderBase>(spec.columns, kinds, () => tenantId('tenantId'))
    if (key === 'connection' && references !== undefined) refer(columns.tenantId, references, onDelete)
    if (key === 'syncState') refer(columns.connectionId, () => tables.connection.id, 'cascade')
    made[key] = sqliteTable(spec.name, columns, (self) =>
      namedIndexes(spec, Number.POSITIVE_INFINITY).map(({ name, columns: names, isUnique }) => {
        // Names of the table's own columns, of which there is one at least.
        const on = names.map((column) => self[column]) as SQLiteColumn[] as [SQLiteColumn, ...SQLiteColumn[]]
        return (isUnique ? uniqueIndex(name) : index(name)).on(...on)
      }),
    )
  }
  return tables
}

function refer(builder: object | undefined, ref: () => AnySQLiteColumn, onDelete: UpdateDeleteAction): void {
  // Every builder of this dialect has it; Drizzle's type of what a table is made of doesn't say so.
  const { references } = builder as { readonly references: SQLiteColumnBuilder['references'] }
  references.call(builder as SQLiteColumnBuilder, ref, { onDelete, onUpdate: 'cascade' })
}

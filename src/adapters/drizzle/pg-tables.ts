import type { BuildColumns } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  customType,
  index,
  integer,
  type PgColumn,
  type PgColumnBuilder,
  type PgColumnBuilderBase,
  type PgTableWithColumns,
  pgTable,
  text,
  timestamp,
  type UpdateDeleteAction,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { type BuildersFor, buildColumns, namedIndexes } from './build-columns.ts'
import { connectorsColumns, type TableSpec } from './connectors-columns.ts'

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
  count: (name: string) => bigint(name, { mode: 'number' }),
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

type Names = keyof typeof connectorsColumns

/** The tables, as Drizzle types its own. */
export type PgTables<Tenant extends PgColumnBuilderBase> = {
  readonly [Name in Names]: PgTableWithColumns<{
    name: (typeof connectorsColumns)[Name]['name']
    schema: undefined
    columns: BuildColumns<
      (typeof connectorsColumns)[Name]['name'],
      BuildersFor<(typeof connectorsColumns)[Name]['columns'], typeof kinds, Tenant>,
      'pg'
    >
    dialect: 'pg'
  }>
}

/** The tables for PostgreSQL. See `connectorsTables`. */
export function pgTables<Tenant extends PgColumnBuilderBase>(options: PgTablesOptions<Tenant>): PgTables<Tenant> {
  const { tenantId, references, onDelete = 'cascade' } = options
  const made: Record<string, object> = {}
  const tables = made as unknown as PgTables<Tenant> // what the loop makes of it, as a type
  for (const [key, spec] of Object.entries<TableSpec>(connectorsColumns)) {
    const columns = buildColumns<PgColumnBuilderBase>(spec.columns, kinds, () => tenantId('tenantId'))
    if (key === 'connection' && references !== undefined) refer(columns.tenantId, references, onDelete)
    if (key === 'syncState') refer(columns.connectionId, () => tables.connection.id, 'cascade')
    made[key] = pgTable(spec.name, columns, (self) =>
      namedIndexes(spec, maxNameLength).map(({ name, columns: names, isUnique }) => {
        // Names of the table's own columns, of which there is one at least.
        const on = names.map((column) => self[column]) as PgColumn[] as [PgColumn, ...PgColumn[]]
        return (isUnique ? uniqueIndex(name) : index(name)).on(...on)
      }),
    )
  }
  return tables
}

function refer(builder: object | undefined, ref: () => AnyPgColumn, onDelete: UpdateDeleteAction): void {
  // Every builder of this dialect has it; Drizzle's type of what a table is made of doesn't say so.
  const { references } = builder as { readonly references: PgColumnBuilder['references'] }
  references.call(builder as PgColumnBuilder, ref, { onDelete, onUpdate: 'cascade' })
}

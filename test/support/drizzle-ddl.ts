import { is, type Table } from 'drizzle-orm'
import { getTableConfig as getPgConfig, PgTable } from 'drizzle-orm/pg-core'
import { getTableConfig as getSqliteConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'

/** What a table definition says, in whichever dialect. */
export interface TableFacts {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isNotNull: boolean }[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly {
    readonly name: string
    readonly columns: readonly string[]
    readonly isUnique: boolean
  }[]
  readonly foreignKeys: readonly string[]
}

/** Reads a table definition. */
export function tableFacts(table: Table): TableFacts {
  // The two readers answer the same shape as far as we look; a table that isn't PostgreSQL's is SQLite's here.
  const config = is(table, PgTable) ? getPgConfig(table) : getSqliteConfig(table as SQLiteTable)
  return {
    name: config.name,
    columns: config.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      isNotNull: column.notNull,
    })),
    primaryKey: config.columns.filter((column) => column.primary).map((column) => column.name),
    indexes: config.indexes.map(({ config: { name, columns, unique } }) => ({
      name: name ?? '',
      columns: columns.map((column) => ('name' in column ? String(column.name) : '')),
      isUnique: unique ?? false,
    })),
    foreignKeys: config.foreignKeys.map((key) => {
      const { columns, foreignTable, foreignColumns } = key.reference()
      const target = is(foreignTable, PgTable) ? getPgConfig(foreignTable) : getSqliteConfig(foreignTable)
      return (
        `foreign key (${list(columns)}) references "${target.name}" (${list(foreignColumns)}) ` +
        `on delete ${key.onDelete} on update ${key.onUpdate}`
      )
    }),
  }
}

/** The statements that make a table: what drizzle-kit would do, without drizzle-kit. */
export function drizzleDdl(table: Table): readonly string[] {
  const { name, columns, primaryKey, indexes, foreignKeys } = tableFacts(table)
  const lines = [
    ...columns.map((column) => `"${column.name}" ${column.type}${column.isNotNull ? ' not null' : ''}`),
    `primary key (${quoted(primaryKey)})`,
    ...foreignKeys,
  ]
  return [
    `create table "${name}" (${lines.join(', ')})`,
    ...indexes.map(
      (index) =>
        `create ${index.isUnique ? 'unique ' : ''}index "${index.name}" on "${name}" (${quoted(index.columns)})`,
    ),
  ]
}

function list(columns: readonly { readonly name: string }[]): string {
  return quoted(columns.map((column) => column.name))
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

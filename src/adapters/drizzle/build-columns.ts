import type { IsPrimaryKey, NotNull } from 'drizzle-orm'
import type { ColumnBuilderBase } from 'drizzle-orm/column-builder'
import type { ColumnSpec, Kind, TableSpec } from './connectors-columns.ts'

/** How a dialect makes the column of a kind. */
export type KindBuilders<Builder = ColumnBuilderBase> = Readonly<Record<Kind, (name: string) => Builder>>

/** Drizzle's column builders for a table, with all that their types know. */
export type BuildersFor<
  Columns extends Readonly<Record<string, ColumnSpec>>,
  Kinds extends KindBuilders,
  Tenant extends ColumnBuilderBase,
> = { -readonly [Name in keyof Columns]: BuilderFor<Columns[Name], Kinds, Tenant> }

type BuilderFor<Spec, Kinds extends KindBuilders, Tenant extends ColumnBuilderBase> = Spec extends 'id'
  ? IsPrimaryKey<NotNull<ReturnType<Kinds['text']>>>
  : Spec extends 'tenant'
    ? NotNull<Tenant>
    : Spec extends Kind
      ? NotNull<ReturnType<Kinds[Spec]>>
      : Spec extends `${infer Nullable extends Kind}?`
        ? ReturnType<Kinds[Nullable]>
        : never

interface Chainable {
  readonly notNull: () => unknown
  readonly primaryKey: () => unknown
}

/** The columns of a table. They carry their names, so that no `casing` of the user's renames them. */
export function buildColumns<Builder extends object>(
  columns: Readonly<Record<string, ColumnSpec>>,
  kinds: KindBuilders<Builder>,
  tenantId: () => Builder,
): Record<string, Builder> {
  const built = Object.entries(columns).map(([name, spec]): [string, Builder] => {
    const kind = (spec === 'id' ? 'text' : spec.replace('?', '')) as Kind // what is left of a spec
    const builder = spec === 'tenant' ? tenantId() : kinds[kind](name)
    const chainable = builder as object as Chainable // every builder of Drizzle's is, and changes itself
    if (spec === 'id') chainable.primaryKey()
    if (!spec.endsWith('?')) chainable.notNull()
    return [name, builder]
  })
  return Object.fromEntries(built)
}

/** The indexes of a table by the names that Prisma gives them, so that neither tool makes the other's anew. */
export function namedIndexes(
  table: TableSpec,
  maxNameLength: number,
): readonly { readonly name: string; readonly columns: readonly string[]; readonly isUnique: boolean }[] {
  const named = (columns: readonly string[], suffix: '_key' | '_idx') => ({
    name: [table.name, ...columns].join('_').slice(0, maxNameLength - suffix.length) + suffix,
    columns,
    isUnique: suffix === '_key',
  })
  return [
    ...(table.unique ? [named(table.unique, '_key')] : []),
    ...table.indexes.map((columns) => named(columns, '_idx')),
  ]
}

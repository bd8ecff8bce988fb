import type { IsPrimaryKey, NotNull } from 'drizzle-orm'
import type { ColumnBuilderBase } from 'drizzle-orm/column-builder'
import type { ColumnSpec, TableSpec } from './connectors-columns.ts'

/** How a dialect makes the column of a kind. */
export type KindBuilders = Readonly<
  Record<'text' | 'integer' | 'boolean' | 'instant' | 'json' | 'bytes', (name: string) => ColumnBuilderBase>
>

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
    : Spec extends keyof KindBuilders
      ? NotNull<ReturnType<Kinds[Spec]>>
      : Spec extends `${infer Kind extends keyof KindBuilders}?`
        ? ReturnType<Kinds[Kind]>
        : never

interface Chainable {
  readonly notNull: () => Chainable
  readonly primaryKey: () => Chainable
}

/** The columns of a table. They carry their names, so that no `casing` of the user's renames them. */
export function buildColumns<
  Columns extends Readonly<Record<string, ColumnSpec>>,
  Kinds extends KindBuilders,
  Tenant extends ColumnBuilderBase,
>(columns: Columns, kinds: Kinds, tenantId: () => Tenant): BuildersFor<Columns, Kinds, Tenant> {
  const built = Object.entries(columns).map(([name, spec]) => {
    const kind = spec === 'id' ? 'text' : spec.replace('?', '')
    // Every builder of Drizzle's can be chained like this.
    const builder = (spec === 'tenant' ? tenantId() : kinds[kind as keyof KindBuilders](name)) as unknown as Chainable
    if (spec === 'id') return [name, builder.notNull().primaryKey()]
    return [name, spec.endsWith('?') ? builder : builder.notNull()]
  })
  return Object.fromEntries(built) as BuildersFor<Columns, Kinds, Tenant> // what the loop does, as a type
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

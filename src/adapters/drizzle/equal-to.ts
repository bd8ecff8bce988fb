import { and, type Column, eq, isNull, type SQL } from 'drizzle-orm'
import type { TableLike } from './drizzle-like.ts'

/** Conditions on columns: each has its value, or is NULL; `undefined` asks for nothing. */
export function equalTo<Row extends object>(
  table: TableLike<Row>,
  values: { readonly [Name in keyof Row]?: Row[Name] | undefined },
): SQL | undefined {
  const columns: Readonly<Record<string, unknown>> = table
  const conditions = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const column = columns[name] as Column // keys of the row are columns of its table
      return value === null ? isNull(column) : eq(column, value)
    })
  return and(...conditions)
}

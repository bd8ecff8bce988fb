import { type Column, type SQL, sql } from 'drizzle-orm'

/** What a column holds and `by` more, counted by the database. */
export function raised(column: Column, by = 1): SQL {
  return sql`${column} + ${by}`
}

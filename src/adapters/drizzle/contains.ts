import { type Column, type SQL, sql } from 'drizzle-orm'

/** To the letter on every database, which LIKE is not. */
export function contains(column: Column, text: string): SQL {
  return sql`replace(${column}, ${text}, '') <> ${column}`
}

import type { SchemaBlock } from './parse-schema.ts'

/** The database schema of a model (`@@schema`), `null` if it names none. */
export const databaseSchemaOf = ({ blockAttributes }: SchemaBlock) => argumentOf('schema', blockAttributes)

/** The string in `@@map("x")`, `@@map(name: "x")`, `@@schema("x")`. */
const argumentOf = (attribute: string, lines: readonly string[]) =>
  lines
    .map((line) => new RegExp(`^@@${attribute}\\s*\\(\\s*(?:\\w+\\s*:\\s*)?"([^"]*)"`).exec(line)?.[1])
    .find(Boolean) ?? null

/** What a model's table is called in the database. */
export const tableOf = ({ name, blockAttributes }: SchemaBlock) => argumentOf('map', blockAttributes) ?? name

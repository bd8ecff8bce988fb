/** A table that statements of ours may name. */
export interface RawTable {
  /** Quoted, with its schema if it has one. */
  readonly name: string
  readonly columns: readonly string[]
  /** Runs a statement and answers its rows. */
  readonly query: (sql: string, ...values: readonly unknown[]) => Promise<unknown>
}

/** Prisma's own description of a model. */
interface RuntimeModel {
  readonly dbName: string | null
  readonly schema?: string | null
  readonly fields: readonly { readonly name: string; readonly kind: string; readonly dbName?: string | null }[]
}

/**
 * The table of a model, if a statement of ours can do what Prisma would: the client runs statements and tells how the table is
 * called, and the model has just the expected columns, under their own names. Else `null`: a column of the user's may get its
 * value from Prisma.
 */
export function rawTable(client: object, model: string, expected: readonly string[]): RawTable | null {
  // Prisma has no public way to ask for names of tables.
  const { _runtimeDataModel: known, $queryRawUnsafe: query } = client as {
    readonly _runtimeDataModel?: { readonly models?: Readonly<Record<string, RuntimeModel>> }
    readonly $queryRawUnsafe?: RawTable['query']
  }
  const own = Object.entries(known?.models ?? {}).find(
    ([name]) => name.charAt(0).toLowerCase() + name.slice(1) === model,
  )
  if (own === undefined || typeof query !== 'function') return null
  const [name, { dbName, schema, fields }] = own
  const columns = fields.filter(({ kind }) => kind !== 'object')
  const isExpected =
    columns.length === expected.length &&
    columns.every((column) => expected.includes(column.name) && (column.dbName ?? column.name) === column.name)
  if (!isExpected) return null
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  return {
    name: [schema, dbName ?? name].flatMap((part) => (part ? [quote(part)] : [])).join('.'),
    columns: expected,
    query: (sql, ...values) => query.call(client, sql, ...values),
  }
}

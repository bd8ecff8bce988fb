/** Rows by key, laid over the rows of a parent: changes stay here until they are merged. */
export interface Collection<Row> {
  readonly get: (key: string) => Row | undefined
  readonly set: (key: string, row: Row) => void
  readonly delete: (key: string) => void
  /** All rows, own changes included, in no particular order. */
  readonly entries: () => IterableIterator<[string, Row]>
  /** Moves the changes into the parent. */
  readonly merge: () => void
}

/** A collection over `parent`, or an empty one. Costs nothing per row of the parent until it is read. */
export function collection<Row>(parent: Collection<Row> | null = null): Collection<Row> {
  const changes = new Map<string, { readonly row: Row | undefined }>()
  return {
    get: (key) => {
      const change = changes.get(key)
      return change === undefined ? parent?.get(key) : change.row
    },
    set: (key, row) => {
      changes.set(key, { row })
    },
    delete: (key) => {
      if (parent === null) changes.delete(key)
      else changes.set(key, { row: undefined })
    },
    *entries() {
      for (const [key, row] of parent?.entries() ?? []) if (!changes.has(key)) yield [key, row]
      for (const [key, { row }] of changes) if (row !== undefined) yield [key, row]
    },
    merge: () => {
      for (const [key, { row }] of changes) {
        if (row === undefined) parent?.delete(key)
        else parent?.set(key, row)
      }
      changes.clear()
    },
  }
}

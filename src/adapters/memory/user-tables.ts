/** The user's own tables beside ours: rows by key. Rows must be structured-cloneable. */
export interface UserTables {
  /** A copy of a table as committed; an empty one if nothing was ever written to it. */
  readonly read: <Row>(name: string) => Map<string, Row>
  /** Tables of one transaction: changed freely, kept only by `commit`. */
  readonly open: () => {
    readonly table: <Row>(name: string) => Map<string, Row>
    readonly commit: () => void
  }
}

/** No tables yet. */
export function userTables(): UserTables {
  const committed = new Map<string, Map<string, unknown>>()
  // Copied deeply both ways: a row changed in place must not survive a rollback.
  const read = <Row>(name: string): Map<string, Row> =>
    structuredClone(committed.get(name) ?? new Map()) as Map<string, Row> // the caller knows what it stored
  return {
    read,
    open: () => {
      const changed = new Map<string, Map<string, unknown>>()
      return {
        table: <Row>(name: string) => {
          const table = changed.get(name) ?? read(name)
          changed.set(name, table)
          return table as Map<string, Row> // the caller knows what it stored
        },
        commit: () => {
          for (const [name, table] of structuredClone(changed)) committed.set(name, table)
        },
      }
    },
  }
}

/** How databases, Prisma and drivers say that a table or column isn't there. Nothing else of a message is shown. */
const sayings = [
  /no such (?<what>table|column): (?<name>[\w."]+)/,
  /(?<what>column|relation) "?(?<name>[\w."]+)"? does not exist/,
  /Unknown (?<what>column) '(?<name>[\w.]+)'/,
  /(?<what>Table) '(?<name>[\w.]+)' doesn't exist/,
  /The (?<what>table|column) `(?<name>[^`\s]+)` does not exist/,
]

/** What an error says is missing in the database, e.g. `column connectors_sync_state.dueAt`; `null` if it is about something else. */
export function missingInDatabase(error: unknown): string | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    for (const saying of sayings) {
      const { what, name } = saying.exec(cause.message)?.groups ?? {}
      if (what === undefined || name === undefined) continue
      return `${/column/i.test(what) ? 'column' : 'table'} ${name.replaceAll('"', '')}`
    }
  }
  return null
}

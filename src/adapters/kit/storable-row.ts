/** The row with NUL taken out of its texts: SQLite reads a text up to the first one, and PostgreSQL refuses it. */
export function storableRow<Row extends object>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? value.replaceAll('\0', '') : value]),
  ) as Row // same shape
}

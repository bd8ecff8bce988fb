/** Lines of columns, two blanks apart; columns that hold only numbers are flush right. Numbers get separators. */
export function textTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const isNumeric = header.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
  const lines = [header, ...rows].map((row) => row.map((cell) => counted(cell)))
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const laidOut = lines.map((line) =>
    line
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  return laidOut.map((line) => `${line}\n`).join('')
}

/** A number as people write it; a text as it is. */
export function counted(value: string | number): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : value
}

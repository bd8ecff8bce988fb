import type { Child } from 'hono/jsx'

/** A column of a table. */
export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => Child
  /** Numbers stand at the right. */
  readonly isNumber?: boolean
  /** Says again what another column says: left out on small screens. */
  readonly isMinor?: boolean
}

/** Rows under a caption that screen readers announce; on small screens every row becomes a card of its own. */
export function Table<Row>({
  caption,
  columns,
  rows,
  empty,
}: {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  empty: Child
}) {
  if (rows.length === 0) return <div class="empty">{empty}</div>
  return (
    <div class="table-frame">
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={classOf(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map((column) => (
                <td data-label={column.head} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function classOf({ isNumber, isMinor }: Pick<Column<unknown>, 'isNumber' | 'isMinor'>): string | undefined {
  return [isNumber ? 'number' : '', isMinor ? 'minor' : ''].filter(Boolean).join(' ') || undefined
}

import type { Page, PageRequest } from '../../core/domain/page.ts'
import { copyRecord } from './copy-record.ts'

/** One keyset page of rows in order of id; `next` is the id of the last row of the page. */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  request: PageRequest,
  order: 'ascending' | 'descending',
): Page<Row> {
  const sign = order === 'ascending' ? 1 : -1
  const after = request.after ?? null
  const rest = rows
    .filter((row) => after === null || sign * compareIds(row.id, after) > 0)
    .sort((a, b) => sign * compareIds(a.id, b.id))
  const items = rest.slice(0, request.limit)
  return { items: items.map(copyRecord), next: rest.length > items.length ? (items.at(-1)?.id ?? null) : null }
}

// Plain code unit order: localeCompare would follow the machine's language.
function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

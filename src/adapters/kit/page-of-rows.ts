import type { Page } from '../../core/domain/page.ts'
import { isInScope, type Scope, type TenantId } from '../../core/domain/tenant.ts'

/**
 * A page from `limit + 1` rows read in order of id.
 * Rows are compared with the scope again: a database's collation may take two tenant ids for one.
 */
export function pageOfRows<T extends TenantId, Row extends { readonly id: string; readonly tenantId: T }, Item>(
  rows: readonly Row[],
  query: { readonly scope: Scope<T>; readonly limit: number },
  toItem: (row: Row) => Item,
): Page<Item> {
  const page = rows.slice(0, query.limit)
  return {
    items: page.filter((row) => isInScope(query.scope, row.tenantId)).map(toItem),
    next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null,
  }
}

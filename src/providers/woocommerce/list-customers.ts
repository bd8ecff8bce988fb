import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Customer, ShopPageRequest } from '../../families/shop/index.ts'
import { pageBehind, positionSchema, type Slice } from './page-behind.ts'

/**
 * One page of all customers, by id: WooCommerce can't list those that changed. With `since` those that are known not to have
 * changed are left out here.
 */
export async function listCustomers(
  { cursor = null, since }: ShopPageRequest,
  fetch: (query: Readonly<Record<string, string | number | boolean>>) => Promise<Slice<Customer>>,
): Promise<FetchedPage<Customer>> {
  const parsed = positionSchema.safeParse(cursor)
  const { items, next } = await pageBehind(
    parsed.success ? parsed.data : null,
    ({ externalId }: Customer) => [0, Number(externalId)],
    (slice) => fetch({ ...slice, orderby: 'id', order: 'asc' }),
  )
  const isWanted = ({ updatedAt }: Customer) => since === undefined || updatedAt === null || updatedAt >= since
  return { items: items.filter(isWanted), cursor: next, hasMore: next !== null }
}

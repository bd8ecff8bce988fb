import type { FetchedPage, FetchRequest } from '../../src/core/domain/provider.ts'
import { shop } from './shop-provider.ts'
import type { ShopOrder } from './shop-server.ts'

/** The test shop with another way to fetch its orders; what it answers isn't checked by types. */
export function shopFetching(fetch: (request: FetchRequest) => Promise<unknown>): typeof shop {
  return {
    ...shop,
    resources: {
      // Tests hand out wrong pages too.
      orders: { incremental: true, fetch: (_adapter, request) => fetch(request) as Promise<FetchedPage<ShopOrder>> },
    },
  }
}

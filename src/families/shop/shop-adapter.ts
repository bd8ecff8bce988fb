import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Customer } from './customer.ts'
import type { Order } from './order.ts'
import type { OrderStatus } from './order-status.ts'
import type { Product } from './product.ts'

/** Which page of a shop's listing. */
export interface ShopPageRequest {
  /** As the page before answered it; `null` or absent = from the beginning. */
  readonly cursor?: Json
  /** Only what changed at this instant or later. */
  readonly since?: Date
  readonly signal?: AbortSignal
}

/**
 * What the adapter of every shop can do. A shop that can do more adds methods of its own; one that can't do something
 * here isn't of this family.
 */
export type ShopAdapter = {
  /** Orders, the longest unchanged first. */
  getOrders(request?: ShopPageRequest): Promise<FetchedPage<Order>>
  /** One order. */
  getOrder(externalId: string): Promise<Order>
  /** Answers the order as it is then. The status is translated by the connection's `status_map_outbound`. */
  updateOrderStatus(externalId: string, status: OrderStatus): Promise<Order>
  /** Products, the longest unchanged first. */
  getProducts(request?: ShopPageRequest): Promise<FetchedPage<Product>>
  /** One product. */
  getProduct(externalId: string): Promise<Product>
  /** Sets how many there are. */
  updateProductStock(externalId: string, quantity: number): Promise<Product>
  /** Sets the price: a decimal number as text, in the shop's currency, with or without tax as the shop keeps it. */
  updateProductPrice(externalId: string, price: string): Promise<Product>
  /** Customers, in an order of the shop's. */
  getCustomers(request?: ShopPageRequest): Promise<FetchedPage<Customer>>
}

/** The names of {@link ShopAdapter}'s methods: what `defineProvider` checks a provider of the family for. */
export const shopMethods = [
  'getOrders',
  'getOrder',
  'updateOrderStatus',
  'getProducts',
  'getProduct',
  'updateProductStock',
  'updateProductPrice',
  'getCustomers',
] as const satisfies readonly (keyof ShopAdapter)[]

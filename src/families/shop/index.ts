export { decimalSchema, type Money, moneyFromMinorUnits, moneySchema, toMinorUnits } from '../money.ts'
export { type Address, addressSchema } from './address.ts'
export { type Customer, customerSchema } from './customer.ts'
export { type Order, type OrderItem, orderItemSchema, orderSchema } from './order.ts'
export { type OrderStatus, orderStatusSchema } from './order-status.ts'
export { type Product, productSchema } from './product.ts'
export { type ShopAdapter, type ShopPageRequest, shopMethods } from './shop-adapter.ts'
export { shopFamily } from './shop-family.ts'
export {
  createStatusMapper,
  type StatusMapOverrides,
  type StatusMapper,
  type StatusMaps,
  statusMapSettings,
} from './status-mapper.ts'

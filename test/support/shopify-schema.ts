/** The part of Shopify's schema, version 2026-01, that the provider uses: https://shopify.dev/docs/api/admin-graphql/2026-01 */
export const shopifySdl = `
scalar Decimal scalar DateTime scalar URL scalar HTML
enum CurrencyCode { EUR USD } enum CountryCode { GB DE ZZ }
enum OrderSortKeys { CREATED_AT ID UPDATED_AT } enum ProductSortKeys { ID TITLE UPDATED_AT } enum CustomerSortKeys { ID NAME UPDATED_AT }
enum WebhookSubscriptionFormat { JSON XML }
enum WebhookSubscriptionTopic {
  ORDERS_CREATE ORDERS_UPDATED ORDERS_PAID ORDERS_FULFILLED ORDERS_CANCELLED ORDERS_DELETE PRODUCTS_CREATE PRODUCTS_UPDATE
  PRODUCTS_DELETE CUSTOMERS_CREATE CUSTOMERS_UPDATE CUSTOMERS_DELETE APP_UNINSTALLED INVENTORY_LEVELS_UPDATE
}
type PageInfo { hasNextPage: Boolean! endCursor: String }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type TaxLine { priceSet: MoneyBag! title: String! }
type MailingAddress {
  firstName: String lastName: String company: String address1: String address2: String city: String province: String zip: String
  countryCodeV2: CountryCode phone: String
}
type Reference { id: ID! }
type LineItem {
  id: ID! name: String! sku: String quantity: Int! product: Reference variant: Reference
  discountedTotalSet(withCodeDiscounts: Boolean): MoneyBag! taxLines(first: Int): [TaxLine!]!
}
type LineItemConnection { nodes: [LineItem!]! pageInfo: PageInfo! }
type FulfillmentOrder { id: ID! status: String! }
type FulfillmentOrderConnection { nodes: [FulfillmentOrder!]! pageInfo: PageInfo! }
type Order {
  id: ID! name: String! note: String createdAt: DateTime! updatedAt: DateTime! processedAt: DateTime! cancelledAt: DateTime closedAt: DateTime
  displayFinancialStatus: String displayFulfillmentStatus: String! paymentGatewayNames: [String!]! customer: Reference
  currentTotalPriceSet: MoneyBag! currentTotalTaxSet: MoneyBag! totalShippingPriceSet: MoneyBag! currentTotalDiscountsSet: MoneyBag!
  billingAddress: MailingAddress shippingAddress: MailingAddress
  lineItems(first: Int, after: String): LineItemConnection! fulfillmentOrders(first: Int): FulfillmentOrderConnection!
}
type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
type Image { url: URL! } type MediaPreviewImage { image: Image }
type Media { preview: MediaPreviewImage } type MediaConnection { nodes: [Media!]! }
type InventoryItem { id: ID! }
type ProductVariant { id: ID! sku: String availableForSale: Boolean! inventoryItem: InventoryItem! }
type ProductVariantConnection { nodes: [ProductVariant!]! }
type ProductPriceRangeV2 { minVariantPrice: MoneyV2! maxVariantPrice: MoneyV2! }
type Product {
  id: ID! title: String! descriptionHtml: HTML! status: String! publishedAt: DateTime onlineStoreUrl: URL createdAt: DateTime! updatedAt: DateTime!
  tracksInventory: Boolean! totalInventory: Int! priceRangeV2: ProductPriceRangeV2!
  variants(first: Int): ProductVariantConnection! media(first: Int): MediaConnection!
}
type ProductConnection { nodes: [Product!]! pageInfo: PageInfo! }
type CustomerEmailAddress { emailAddress: String! }
type Customer {
  id: ID! firstName: String lastName: String createdAt: DateTime! updatedAt: DateTime! defaultEmailAddress: CustomerEmailAddress
  defaultAddress: MailingAddress
}
type CustomerConnection { nodes: [Customer!]! pageInfo: PageInfo! }
type Shop { id: ID! name: String! myshopifyDomain: String! }
type Location { id: ID! }
type WebhookSubscription { id: ID! topic: WebhookSubscriptionTopic! uri: String! }
type WebhookSubscriptionConnection { nodes: [WebhookSubscription!]! pageInfo: PageInfo! }
type Query {
  shop: Shop! location(id: ID): Location
  order(id: ID!): Order product(id: ID!): Product
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys): OrderConnection!
  products(first: Int, after: String, query: String, sortKey: ProductSortKeys): ProductConnection!
  customers(first: Int, after: String, query: String, sortKey: CustomerSortKeys): CustomerConnection!
  webhookSubscriptions(first: Int, after: String): WebhookSubscriptionConnection!
}
type UserError { field: [String!] message: String! }
type Payload { userErrors: [UserError!]! }
type WebhookPayload { userErrors: [UserError!]! webhookSubscription: WebhookSubscription }
type WebhookDeletePayload { userErrors: [UserError!]! deletedWebhookSubscriptionId: ID }
input OrderCloseInput { id: ID! } input OrderOpenInput { id: ID! }
input FulfillmentOrderLineItemsInput { fulfillmentOrderId: ID! }
input FulfillmentInput { lineItemsByFulfillmentOrder: [FulfillmentOrderLineItemsInput!]! }
input ProductVariantsBulkInput { id: ID price: Decimal }
input InventoryQuantityInput { inventoryItemId: ID! locationId: ID! quantity: Int! changeFromQuantity: Int }
input InventorySetQuantitiesInput { name: String! reason: String! quantities: [InventoryQuantityInput!]! }
input WebhookSubscriptionInput { uri: String format: WebhookSubscriptionFormat }
type Mutation {
  orderClose(input: OrderCloseInput!): Payload orderOpen(input: OrderOpenInput!): Payload
  fulfillmentCreate(fulfillment: FulfillmentInput!): Payload
  productVariantsBulkUpdate(productId: ID!, variants: [ProductVariantsBulkInput!]!): Payload
  inventorySetQuantities(input: InventorySetQuantitiesInput!): Payload
  webhookSubscriptionCreate(topic: WebhookSubscriptionTopic!, webhookSubscription: WebhookSubscriptionInput!): WebhookPayload
  webhookSubscriptionDelete(id: ID!): WebhookDeletePayload
}
`

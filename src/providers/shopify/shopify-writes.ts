import { z } from 'zod'
import { ConnectorsError, ProviderRejectedError } from '../../core/domain/errors.ts'
import type { ShopifyApi } from './shopify-api.ts'
import type { ReadProduct } from './shopify-product.ts'

const done = z.object({})
const errors = 'userErrors { field message }'

/** What can be done to an order. */
export type OrderAction = 'FULFILLED' | 'CLOSED' | 'OPEN'

/** Fulfils what is left of an order, archives it, or opens it again. */
export async function actOnOrder(api: ShopifyApi, action: OrderAction, id: string): Promise<void> {
  switch (action) {
    case 'CLOSED':
      await api.mutate(
        'orderClose',
        `mutation($input: OrderCloseInput!) { orderClose(input: $input) { ${errors} } }`,
        done,
        { input: { id } },
      )
      return
    case 'OPEN':
      await api.mutate(
        'orderOpen',
        `mutation($input: OrderOpenInput!) { orderOpen(input: $input) { ${errors} } }`,
        done,
        { input: { id } },
      )
      return
    case 'FULFILLED':
      return fulfil(api, id)
  }
}

/** One fulfilment for each location: https://shopify.dev/docs/api/admin-graphql/2026-01/mutations/fulfillmentCreate */
async function fulfil(api: ShopifyApi, id: string): Promise<void> {
  const { data } = await api.query(
    'query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 50) { nodes { id status } } } }',
    z.object({
      order: z
        .object({ fulfillmentOrders: z.object({ nodes: z.array(z.object({ id: z.string(), status: z.string() })) }) })
        .nullable(),
    }),
    { id },
  )
  if (data.order === null) throw new ProviderRejectedError(`The shop has no order ${id}.`, { status: 404 })
  const open = data.order.fulfillmentOrders.nodes.filter(({ status }) => status === 'OPEN' || status === 'IN_PROGRESS')
  if (open.length === 0) {
    throw new ProviderRejectedError(`Nothing is left to fulfil of order ${id}, or the token may not see it.`, {
      status: 200,
    })
  }
  for (const { id: fulfillmentOrderId } of open) {
    const fulfillment = { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId }] }
    const text = `mutation($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) { ${errors} } }`
    await api.mutate('fulfillmentCreate', text, done, { fulfillment })
  }
}

/** Sets what a product costs: https://shopify.dev/docs/api/admin-graphql/2026-01/mutations/productVariantsBulkUpdate */
export async function setPrice(api: ShopifyApi, id: string, product: ReadProduct, price: string): Promise<void> {
  const text = `mutation($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
    productVariantsBulkUpdate(productId: $productId, variants: $variants) { ${errors} }
  }`
  const variants = [{ id: onlyVariant(product).id, price }]
  await api.mutate('productVariantsBulkUpdate', text, done, { productId: id, variants })
}

/**
 * Sets how many there are at the shop's primary location, whatever it was before:
 * https://shopify.dev/docs/api/admin-graphql/2026-01/mutations/inventorySetQuantities
 */
export async function setStock(api: ShopifyApi, product: ReadProduct, quantity: number): Promise<void> {
  const inventoryItemId = onlyVariant(product).inventoryItem.id
  const { data } = await api.query('query { location { id } }', z.object({ location: z.object({ id: z.string() }) }))
  const text = `mutation($input: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $input) { ${errors} } }`
  const quantities = [{ inventoryItemId, locationId: data.location.id, quantity, changeFromQuantity: null }]
  await api.mutate('inventorySetQuantities', text, done, {
    input: { name: 'available', reason: 'correction', quantities },
  })
}

function onlyVariant({ product, variants }: ReadProduct) {
  const [first] = variants
  if (first !== undefined && variants.length === 1) return first
  throw new ConnectorsError(
    'INVALID_INPUT',
    `Product ${product.externalId} has several variants, each with a price and a stock of its own: they can not be set for all of it.`,
  )
}

import type { ServerResponse } from 'node:http'
import {
  buildSchema,
  type DocumentNode,
  execute,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  validate,
} from 'graphql'
import { type FakeProvider, type FakeRequest, startFakeProvider } from '../../src/testing/fake-provider.ts'
import { shopifySdl } from './shopify-schema.ts'

type Row = Record<string, unknown> & { readonly id: string; readonly updatedAt: string }

/** What the shop holds; tests may change it at any time. */
export interface ShopifyStore {
  readonly orders: Map<string, Row>
  readonly products: Map<string, Row>
  readonly customers: Map<string, Row>
}

/** See {@link startShopifyServer}. */
export interface ShopifyServer {
  readonly service: FakeProvider
  readonly store: ShopifyStore
  readonly webhooks: Map<string, { readonly id: string; readonly topic: string; readonly uri: string }>
  /** The mutations so far, by name and arguments. */
  readonly mutations: { readonly name: string; readonly args: Record<string, unknown> }[]
  /** The forms that the token endpoint was sent. */
  readonly tokenRequests: Readonly<Record<string, string>>[]
  /** What each query was found to cost. */
  readonly costs: number[]
  /** Answered by the next mutation as its `userErrors`. */
  userErrors: readonly { readonly field: readonly string[] | null; readonly message: string }[]
  /** The shop's clock; default: months after all it holds. */
  now: Date
  /** Called before a connection is listed, e.g. to change what is in it while a client pages. */
  beforeList: ((connection: string) => void) | null
  change(kind: keyof ShopifyStore, number: number, updatedAt: string, values?: Readonly<Record<string, unknown>>): void
}

const schema = buildSchema(shopifySdl)
export const shopifyToken = 'shpat_token_of_acme'

/**
 * A shop on a loopback port that executes GraphQL against the part of Shopify's schema that the provider uses: a field, an
 * argument or a type that isn't there is an error, and so is a query that costs more than 1,000 points by the documented
 * formula (https://shopify.dev/docs/api/usage/limits). Sorted by `UPDATED_AT`, then by id; cursors name both.
 */
export async function startShopifyServer({ count = 3, perSecond = 7 } = {}): Promise<ShopifyServer> {
  const rows = (make: (number: number, at: string) => Row) =>
    new Map(
      Array.from({ length: count }, (_, index) => [String(index + 1), make(index + 1, instant(index, perSecond))]),
    )
  let first: Map<string, unknown> | null = null
  let nextWebhook = 1

  const connection = (name: keyof ShopifyStore) => (args: { first: number; after?: string; query?: string }) => {
    shop.beforeList?.(name)
    const from = /^updated_at:>='(.+)'$/.exec(args.query ?? '')?.[1] ?? ''
    const known = first?.get(name)
    const after = (known === undefined ? args.after : known) as string | null | undefined
    if (first !== null && known === undefined) first.set(name, args.after ?? null)
    const key = (row: Row) => `${row.updatedAt}|${(row.id.split('/').at(-1) ?? '').padStart(12, '0')}`
    const all = [...shop.store[name].values()]
      .filter((row) => row.updatedAt >= from)
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    return slice(all, args.first, after ?? null, key)
  }
  const done = (name: string) => (args: Record<string, unknown>) => {
    const { userErrors } = shop
    shop.userErrors = []
    if (userErrors.length === 0) shop.mutations.push({ name, args })
    return { userErrors }
  }
  const root = {
    shop: { id: 'gid://shopify/Shop/1', name: 'Acme', myshopifyDomain: 'acme.myshopify.com' },
    location: { id: 'gid://shopify/Location/1' },
    order: ({ id }: { id: string }) => shop.store.orders.get(id.split('/').at(-1) ?? '') ?? null,
    product: ({ id }: { id: string }) => shop.store.products.get(id.split('/').at(-1) ?? '') ?? null,
    orders: connection('orders'),
    products: connection('products'),
    customers: connection('customers'),
    webhookSubscriptions: ({ first: size, after }: { first: number; after?: string }) =>
      slice([...shop.webhooks.values()], size, after ?? null, ({ id }) => id),
    ...Object.fromEntries(
      ['orderClose', 'orderOpen', 'fulfillmentCreate', 'productVariantsBulkUpdate', 'inventorySetQuantities'].map(
        (name) => [name, done(name)],
      ),
    ),
    webhookSubscriptionCreate({
      topic,
      webhookSubscription: { uri },
    }: {
      topic: string
      webhookSubscription: { uri: string }
    }) {
      const taken = [...shop.webhooks.values()].some((other) => other.topic === topic && other.uri === uri)
      if (taken) {
        return {
          userErrors: [
            { field: ['webhookSubscription', 'callbackUrl'], message: 'Address for this topic has already been taken' },
          ],
        }
      }
      const webhook = { id: `gid://shopify/WebhookSubscription/${nextWebhook++}`, topic, uri }
      shop.webhooks.set(webhook.id, webhook)
      return { userErrors: [], webhookSubscription: webhook }
    },
    webhookSubscriptionDelete({ id }: { id: string }) {
      return shop.webhooks.delete(id)
        ? { userErrors: [], deletedWebhookSubscriptionId: id }
        : {
            userErrors: [{ field: ['id'], message: 'Webhook subscription does not exist' }],
            deletedWebhookSubscriptionId: null,
          }
    },
  }

  const answer = async (request: FakeRequest, response: ServerResponse) => {
    const send = (status: number, body: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json', date: shop.now.toUTCString(), 'x-request-id': 'r-1' })
        .end(JSON.stringify(body))
    if (request.url === '/admin/oauth/access_token') {
      const form = Object.fromEntries(new URLSearchParams(request.body))
      shop.tokenRequests.push(form)
      const isRight =
        form.client_id === 'app' &&
        form.client_secret === 'hush' &&
        (form.code === 'good' || form.refresh_token === 'shprt_1')
      if (!isRight)
        return send(400, {
          error: 'invalid_request',
          error_description: 'The authorization code was not found or was already used',
        })
      // https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens
      return send(200, {
        access_token: shopifyToken,
        scope: 'read_customers,read_orders,read_products',
        expires_in: 3_600,
        refresh_token: form.code === undefined ? 'shprt_2' : 'shprt_1',
        refresh_token_expires_in: 7_776_000,
      })
    }
    if (request.headers['x-shopify-access-token'] !== shopifyToken) {
      return send(401, { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' })
    }
    if (request.url !== '/admin/api/2026-01/graphql.json') return send(404, { errors: 'Not Found' })
    const { query, variables } = JSON.parse(request.body) as { query: string; variables: Record<string, unknown> }
    const document = parse(query)
    const mistakes = validate(schema, document)
    if (mistakes.length > 0)
      return send(200, { errors: mistakes.map(({ message }) => ({ message, extensions: { code: 'undefinedField' } })) })
    const requestedQueryCost = costOf(document, variables)
    shop.costs.push(requestedQueryCost)
    if (requestedQueryCost > 1_000) {
      return send(200, {
        errors: [
          {
            message: `Query cost is ${requestedQueryCost}, which exceeds the single query max cost limit (1000).`,
            extensions: { code: 'MAX_COST_EXCEEDED', cost: requestedQueryCost, maxCost: 1_000 },
          },
        ],
      })
    }
    const result = await execute({ schema, document, rootValue: root, variableValues: variables })
    if (result.errors !== undefined) throw result.errors[0]
    const throttleStatus = { maximumAvailable: 2_000, currentlyAvailable: 2_000 - requestedQueryCost, restoreRate: 100 }
    return send(200, {
      ...result,
      extensions: { cost: { requestedQueryCost, actualQueryCost: requestedQueryCost, throttleStatus } },
    })
  }

  const loopback = await startFakeProvider(answer)
  const shop: ShopifyServer = {
    // All paths are one: what is asked for stands in the body.
    service: {
      ...loopback,
      goRoundInCircles() {
        first = new Map()
      },
    },
    store: { orders: rows(shopifyOrder), products: rows(shopifyProduct), customers: rows(shopifyCustomer) },
    webhooks: new Map(),
    mutations: [],
    tokenRequests: [],
    costs: [],
    userErrors: [],
    now: new Date('2026-02-15T00:00:00Z'),
    beforeList: null,
    change(kind, number, updatedAt, values = {}) {
      const row = shop.store[kind].get(String(number))
      if (row === undefined) throw new Error(`there is no ${number} in ${kind}`)
      shop.store[kind].set(String(number), { ...row, ...values, updatedAt })
    },
  }
  return shop
}

function slice<Item>(all: readonly Item[], size: number, after: string | null, key: (item: Item) => string) {
  const behind = all.filter((item) => after === null || key(item) > Buffer.from(after, 'base64').toString())
  const nodes = behind.slice(0, size)
  const last = nodes.at(-1)
  return {
    nodes,
    pageInfo: {
      hasNextPage: behind.length > size,
      endCursor: last === undefined ? null : Buffer.from(key(last)).toString('base64'),
    },
  }
}

/** Objects cost 1, connections 2 and what is in them as often as was asked for, mutations 10. */
function costOf(document: DocumentNode, variables: Record<string, unknown>): number {
  const [operation] = document.definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return 0
  if (operation.operation === 'mutation') return 10
  const within = (set: SelectionSetNode | undefined, type: GraphQLObjectType): number =>
    (set?.selections ?? []).reduce((sum, node) => {
      if (node.kind !== Kind.FIELD) return sum
      const field = type.getFields()[node.name.value]
      const inner = field === undefined ? undefined : getNamedType(field.type)
      if (!isObjectType(inner)) return sum
      const argument = node.arguments?.find(({ name }) => name.value === 'first')?.value
      if (inner.name.endsWith('Connection')) {
        const size =
          argument?.kind === Kind.INT
            ? Number(argument.value)
            : Number(variables[argument?.kind === Kind.VARIABLE ? argument.name.value : ''])
        const nodes = node.selectionSet?.selections.find(
          (part) => part.kind === Kind.FIELD && part.name.value === 'nodes',
        )
        const item = getNamedType(inner.getFields().nodes?.type)
        return (
          sum +
          2 +
          size * (1 + within(nodes?.kind === Kind.FIELD ? nodes.selectionSet : undefined, item as GraphQLObjectType))
        )
      }
      return sum + 1 + within(node.selectionSet, inner)
    }, 0)
  return within(operation.selectionSet, schema.getQueryType() as GraphQLObjectType)
}

function instant(index: number, perSecond: number): string {
  return new Date(Date.parse('2026-01-01T00:00:00Z') + Math.floor(index / perSecond) * 1_000)
    .toISOString()
    .replace('.000', '')
}

const money = (amount: string) => ({ shopMoney: { amount, currencyCode: 'EUR' } })
const address = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  company: null,
  address1: '12 St James',
  address2: '',
  city: 'London',
  province: null,
  zip: 'SW1',
  countryCodeV2: 'GB',
  phone: null,
}

/** An order as the API gives it. */
export function shopifyOrder(number: number, updatedAt: string, lineCount = 1): Row {
  const lines = Array.from({ length: lineCount }, (_, index) => ({
    id: `gid://shopify/LineItem/${number * 1_000 + index}`,
    name: 'Salt & pepper',
    sku: index === 0 ? 'S-1' : '',
    quantity: 2,
    product: { id: 'gid://shopify/Product/7' },
    variant: null,
    discountedTotalSet: money('20.0'),
    taxLines: [{ priceSet: money('3.20') }, { priceSet: money('0.6') }],
  }))
  return {
    id: `gid://shopify/Order/${number}`,
    name: `#10${number}`,
    note: '',
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt,
    processedAt: '2026-01-01T00:00:00Z',
    cancelledAt: null,
    closedAt: null,
    displayFinancialStatus: 'PAID',
    displayFulfillmentStatus: 'UNFULFILLED',
    paymentGatewayNames: ['shopify_payments'],
    customer: { id: 'gid://shopify/Customer/1' },
    currentTotalPriceSet: money('28.70'),
    currentTotalTaxSet: money('3.80'),
    totalShippingPriceSet: money('4.90'),
    currentTotalDiscountsSet: money('0.0'),
    billingAddress: address,
    shippingAddress: null,
    lineItems: ({ first, after }: { first: number; after?: string }) =>
      slice(lines, first, after ?? null, ({ id }) => id),
    fulfillmentOrders: {
      nodes: [
        { id: `gid://shopify/FulfillmentOrder/${number}`, status: 'OPEN' },
        { id: `gid://shopify/FulfillmentOrder/${number}9`, status: 'CLOSED' },
      ],
    },
  }
}

/** A product as the API gives it. */
export function shopifyProduct(number: number, updatedAt: string, variantCount = 1): Row {
  const variants = Array.from({ length: variantCount }, (_, index) => ({
    id: `gid://shopify/ProductVariant/${number * 10 + index}`,
    sku: `P-${number}-${index}`,
    availableForSale: true,
    inventoryItem: { id: `gid://shopify/InventoryItem/${number * 10 + index}` },
  }))
  return {
    id: `gid://shopify/Product/${number}`,
    title: `Product ${number}`,
    descriptionHtml: '<p>Good</p>',
    status: 'ACTIVE',
    publishedAt: '2026-01-01T00:00:00Z',
    onlineStoreUrl: `https://acme.example/products/${number}`,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt,
    tracksInventory: true,
    totalInventory: 5,
    priceRangeV2: { minVariantPrice: { amount: '12.5', currencyCode: 'EUR' } },
    variants: ({ first }: { first: number }) => ({ nodes: variants.slice(0, first) }),
    media: { nodes: [{ preview: { image: { url: 'https://cdn.example/1.png' } } }, { preview: null }] },
  }
}

function shopifyCustomer(number: number, updatedAt: string): Row {
  return {
    id: `gid://shopify/Customer/${number}`,
    firstName: 'Ada',
    lastName: null,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt,
    defaultEmailAddress: { emailAddress: `c${number}@acme.example` },
    defaultAddress: address,
  }
}

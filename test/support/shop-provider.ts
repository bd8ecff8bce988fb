import { z } from 'zod'
import { bearer, defineProvider } from '../../src/providers/kit/index.ts'

const order = z.object({ id: z.string(), total: z.string() })
const orderPage = z.object({ orders: z.array(order), total: z.int() })

/** The webhook events of the test shop. */
export type ShopEvent =
  | { readonly type: 'order.created'; readonly orderId: string }
  | { readonly type: 'order.paid'; readonly orderId: string; readonly amount: string }

/** The provider of the test shop: what every service test talks to. */
export const shop = defineProvider({
  family: 'shop',
  name: 'testshop',
  label: 'Test shop',
  allowMultiple: true,
  credentials: z.object({ token: z.string().min(1, 'is empty') }),
  settings: z.object({ url: z.url(), currency: z.string().default('EUR') }),
  http: { baseUrl: ({ url }) => url, auth: ({ token }) => bearer(token), retries: 0 },
  adapter: ({ http, settings, credentials }) => ({
    async ping() {
      return (await http.get('/me')).json()
    },
    async getOrder(id: string) {
      return { ...order.parse((await http.get(`/orders/${id}`)).json()), currency: settings.currency }
    },
    async listOrders(offset: number) {
      return orderPage.parse((await http.get('/orders', { query: { offset } })).json())
    },
    async listCurrencies(signal: AbortSignal) {
      return z.record(z.string(), z.string()).parse((await http.get('/currencies', { signal })).json())
    },
    async leak() {
      throw new TypeError(`could not sign with ${credentials.token}`)
    },
    async *eachOrder() {
      const { orders } = orderPage.parse((await http.get('/orders', { query: { offset: 0 } })).json())
      for (const { id } of orders) yield order.parse((await http.get(`/orders/${id}`)).json())
    },
  }),
  test: (adapter) => adapter.ping(),
  choices: {
    currency: async (adapter, { signal }) =>
      Object.entries(await adapter.listCurrencies(signal)).map(([value, label]) => ({ value, label })),
  },
  resources: {
    orders: {
      incremental: true,
      async fetch(adapter, { cursor }) {
        const offset = typeof cursor === 'number' ? cursor : 0
        const { orders, total } = await adapter.listOrders(offset)
        const next = offset + orders.length
        return { items: orders, cursor: next, hasMore: next < total }
      },
    },
  },
  webhooks: {
    signature: { kind: 'hmac', algorithm: 'sha256', encoding: 'hex', header: 'x-shop-signature', prefix: '' },
    deliveryId: { header: 'x-shop-delivery', isSigned: false },
    eventType: (_headers, payload) =>
      typeof payload === 'object' && payload !== null && 'type' in payload ? String(payload.type) : 'unknown',
    orderKey: (_headers, payload) =>
      typeof payload === 'object' && payload !== null && 'orderId' in payload ? String(payload.orderId) : null,
    parse: ({ rawBody }): ShopEvent => {
      const body = z
        .object({ type: z.enum(['order.created', 'order.paid']), orderId: z.string(), amount: z.string().default('0') })
        .parse(JSON.parse(new TextDecoder().decode(rawBody)))
      return body.type === 'order.paid'
        ? { type: body.type, orderId: body.orderId, amount: body.amount }
        : { type: body.type, orderId: body.orderId }
    },
  },
})

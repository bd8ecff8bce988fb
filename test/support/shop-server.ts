import type { ServerResponse } from 'node:http'
import { type FakeRequest, startFakeProvider } from '../../src/testing/fake-provider.ts'

/** An order of the test shop. */
export interface ShopOrder {
  readonly id: string
  readonly total: string
}

/** A real HTTP server of a small shop: bearer token, cursor-paged orders, one write. */
export interface ShopServer {
  readonly url: string
  /** Tokens that are accepted. */
  readonly tokens: Set<string>
  readonly orders: ShopOrder[]
  /** Every request so far, as `METHOD /path?query`. */
  readonly requests: string[]
  /** Called before each answer; answers itself by returning true. */
  intercept: ((request: FakeRequest, response: ServerResponse) => boolean | Promise<boolean>) | null
  readonly close: () => Promise<void>
}

/** Starts the shop on a free port of the loopback interface. */
export async function startShopServer({ orderCount = 0 }: { readonly orderCount?: number } = {}): Promise<ShopServer> {
  const pageSize = 10
  const shop: { -readonly [K in keyof ShopServer]: ShopServer[K] } = {
    url: '',
    tokens: new Set(['token-of-acme', 'token-of-globex']),
    orders: Array.from({ length: orderCount }, (_, index) => ({ id: `o${index + 1}`, total: `${index + 1}.00` })),
    requests: [],
    intercept: null,
    close: async () => {},
  }
  const answer = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = await startFakeProvider(async (request, response) => {
    shop.requests.push(`${request.method} ${request.url}`)
    if (shop.intercept !== null && (await shop.intercept(request, response))) return
    const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
    if (!shop.tokens.has(token)) return answer(response, 401, { message: 'bad token' })
    const url = new URL(request.url, 'http://shop.test')
    if (url.pathname === '/me') return answer(response, 200, { shop: 'test' })
    if (url.pathname === '/orders') {
      const offset = Number(url.searchParams.get('offset') ?? 0)
      return answer(response, 200, { orders: shop.orders.slice(offset, offset + pageSize), total: shop.orders.length })
    }
    if (url.pathname === '/currencies') return answer(response, 200, { EUR: 'Euro', RON: 'Leu' })
    const order = shop.orders.find(({ id }) => url.pathname === `/orders/${id}`)
    return order === undefined ? answer(response, 404, { message: 'no such order' }) : answer(response, 200, order)
  })
  shop.url = server.origin
  shop.close = server.close
  return shop
}

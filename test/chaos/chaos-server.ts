import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SeededRandom } from './seeded-random.ts'

/** A provider that misbehaves on the wire, and never in what it says: what it has listed once it lists in that order for ever. */
export interface ChaosServer {
  readonly origin: string
  /** What a shop has, by item id. */
  readonly itemsOf: (shop: string) => ReadonlyMap<string, ServedItem>
  /** The position after its last item. */
  readonly endOf: (shop: string) => string
  /** From now on nothing changes any more, and no request fails. */
  readonly settle: () => void
  readonly faultCount: () => number
  readonly close: () => Promise<void>
}

interface ServedItem {
  readonly version: number
  /** When it last changed; many share one. */
  readonly tick: number
}

/** What was asked and answered, for the trace. */
export interface ServedPage {
  readonly shop: string
  readonly page: number
  readonly from: string
  readonly next: string
  readonly itemCount: number
  readonly fault: Fault | null
}

type Fault = 'error' | 'reset' | 'cut' | 'cut-silently' | 'overlap' | 'repeat' | 'slow' | 'very-slow' | 'too-many'

const pageSize = 10
const initialCount = 150
const tickMs = 100

const faults: readonly (readonly [Fault, probability: number])[] = [
  ['error', 0.04],
  ['reset', 0.03],
  ['cut', 0.03],
  ['cut-silently', 0.02],
  ['overlap', 0.06],
  ['repeat', 0.01],
  ['slow', 0.2],
  ['very-slow', 0.01],
  ['too-many', 0.003],
]

/**
 * Starts it with a shop per token. Items are listed in the order of (tick, id); the current tick is listed only when it is
 * over, so that no item ever appears before a position that was handed out.
 */
export async function startChaosServer(
  shopNames: readonly string[],
  random: SeededRandom,
  trace: (page: ServedPage) => void,
): Promise<ChaosServer> {
  let tick = 1
  let pageCount = 0
  let faultCount = 0
  let isSettled = false
  const shops = new Map(shopNames.map((name) => [name, newShop()]))
  const shopOf = (name: string) => shops.get(name) ?? new Map<string, ServedItem>()

  const turn = setInterval(() => {
    for (const shop of shops.values()) change(shop, tick, random)
    tick += 1
  }, tickMs)

  const listed = (shop: ReadonlyMap<string, ServedItem>) =>
    [...shop]
      .filter(([, item]) => item.tick < tick)
      .map(([id, { version, tick: at }]) => ({ id, version, position: `${String(at).padStart(8, '0')}/${id}` }))
      .sort((a, b) => (a.position < b.position ? -1 : 1))

  const draw = (): Fault | null => {
    if (isSettled) return null
    let fraction = random.fraction()
    for (const [fault, probability] of faults) {
      fraction -= probability
      if (fraction < 0) return fault
    }
    return null
  }

  const answerPage = (name: string, from: string, response: ServerResponse) => {
    const fault = draw()
    if (fault !== null) faultCount += 1
    const all = listed(shopOf(name))
    const found = all.findIndex(({ position }) => position > from)
    const start = found === -1 ? all.length : found
    const first = fault === 'overlap' || fault === 'repeat' ? Math.max(0, start - random.between(1, pageSize)) : start
    const end = fault === 'repeat' ? start : start + pageSize
    const part = all.slice(first, end)
    const last = part.at(-1)?.position ?? ''
    const next = last > from ? last : from
    const hasMore = end < all.length
    pageCount += 1
    const page = pageCount
    trace({ shop: name, page, from, next, itemCount: part.length, fault })
    const items = part.map(({ id, version }) => ({ id, version, page, from, next }))
    send(response, fault, JSON.stringify({ items, next, hasMore }), random)
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/ping') return void response.end('{}')
    const shop = (request.headers.authorization ?? '').replace('Bearer ', '')
    answerPage(shop, url.searchParams.get('after') ?? '', response)
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    itemsOf: shopOf,
    endOf: (name) => listed(shopOf(name)).at(-1)?.position ?? '',
    settle: () => {
      isSettled = true
      clearInterval(turn)
      tick += 1
    },
    faultCount: () => faultCount,
    close: () =>
      new Promise((resolve) => {
        clearInterval(turn)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function newShop(): Map<string, ServedItem> {
  return new Map(Array.from({ length: initialCount }, (_, index) => [idOf(index), { version: 1, tick: 0 }]))
}

/** Ids in no order that has to do with when they were made. */
function idOf(index: number): string {
  return `i${String((index * 7919) % 1_000_003).padStart(7, '0')}`
}

function change(shop: Map<string, ServedItem>, tick: number, random: SeededRandom): void {
  const ids = [...shop.keys()]
  for (let count = random.between(0, 3); count > 0; count -= 1) {
    const id = ids[random.between(0, ids.length - 1)] ?? idOf(0)
    shop.set(id, { version: (shop.get(id)?.version ?? 0) + 1, tick })
  }
  if (random.chance(0.5)) shop.set(idOf(shop.size), { version: 1, tick })
}

function send(response: ServerResponse, fault: Fault | null, body: string, random: SeededRandom): void {
  const whole = () => response.setHeader('content-type', 'application/json').end(body)
  switch (fault) {
    case 'error':
      return void response.writeHead(random.pick([500, 502, 503])).end('{"error":"a bad day"}')
    case 'reset':
      return void response.socket?.resetAndDestroy()
    case 'cut':
      response.writeHead(200, { 'content-length': body.length + 100 })
      return void response.write(body, () => response.destroy())
    case 'cut-silently':
      response.writeHead(200, { connection: 'close' })
      response.shouldKeepAlive = false
      return void response.end(body.slice(0, body.length / 2))
    case 'too-many':
      return void response.writeHead(429, { 'retry-after': '1' }).end()
    case 'slow':
      return void setTimeout(whole, random.between(50, 400))
    case 'very-slow':
      return void setTimeout(whole, random.between(1_000, 2_000))
    case 'overlap':
    case 'repeat':
    case null:
      return void whole()
  }
}

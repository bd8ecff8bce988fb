import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FakeFault, playFault } from './fake-fault.ts'

/** One request that arrived. */
export interface FakeRequest {
  /** Upper case. */
  readonly method: string
  /** Path with query. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers a request whose body has arrived; {@link fakeRoutes} makes one of a table. */
export type FakeAnswerer = (request: FakeRequest, response: ServerResponse) => unknown

/** A real HTTP server on a free port of the loopback interface, which plays a provider in tests. */
export interface FakeProvider {
  /** E.g. `http://127.0.0.1:40123`. */
  readonly origin: string
  /** What was asked so far, oldest first. */
  readonly requests: readonly FakeRequest[]
  /** Answers the next requests with a fault instead. `count` = how many; default 1, `Infinity` = until {@link recover}. */
  readonly fail: (fault: FakeFault, count?: number) => void
  /** Forgets the faults that are still to come. */
  readonly recover: () => void
  /**
   * From now on every path is answered as if it were asked the way it was asked first after this call: whoever pages gets
   * the same page over and over.
   */
  readonly goRoundInCircles: () => void
  /** Ends all connections and frees the port. */
  readonly close: () => Promise<void>
}

/**
 * Starts a provider of your own making. Give connections its `origin` as their address, and `createConnectors` the option
 * `http: { allowPrivateNetwork: true }`.
 *
 * @example
 * const service = await startFakeProvider(fakeRoutes({ 'GET /orders/:id': ({ params }) => ({ id: params.id }) }))
 * service.fail({ status: 429, headers: { 'retry-after': '120' } })
 */
export async function startFakeProvider(answer: FakeAnswerer): Promise<FakeProvider> {
  const requests: FakeRequest[] = []
  let faults: { readonly fault: FakeFault; count: number }[] = []
  let firstByPath: Map<string, string> | null = null

  const server = createServer(async (incoming, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const asked: FakeRequest = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    }
    requests.push(asked)
    const [next] = faults
    if (next !== undefined) {
      next.count -= 1
      if (next.count <= 0) faults.shift()
      return playFault(next.fault, asked, response)
    }
    try {
      await answer({ ...asked, url: firstUrl(asked) }, response)
    } catch (error) {
      // Whoever asked must not wait for it; the runner is told by the rejection.
      response.destroy()
      throw error
    }
  })

  function firstUrl({ method, url }: FakeRequest): string {
    if (firstByPath === null) return url
    const path = `${method} ${url.split('?')[0]}`
    const first = firstByPath.get(path) ?? url
    firstByPath.set(path, first)
    return first
  }

  // Longer than clients keep idle connections: else a busy process may send on one that is just being closed.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    fail: (fault, count = 1) => void faults.push({ fault, count }),
    recover: () => {
      faults = []
    },
    goRoundInCircles: () => {
      firstByPath = new Map()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

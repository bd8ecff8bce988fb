import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConnectorsError } from '../core/domain/errors.ts'

/** How far the rest of a refused body is read before the connection is closed: bytes, time, and time without a byte. */
const drainLimit = { bytes: 64 * 1_048_576, ms: 10_000, idleMs: 1_000 }

/** What frameworks and body parsers hang on a request of Node. */
interface Framed {
  /** The whole path where a mounted router has cut `url` (Express). */
  readonly originalUrl?: unknown
  /** What a body parser made. */
  readonly body?: unknown
  /** The bytes, where a framework keeps them (NestJS with `rawBody: true`). */
  readonly rawBody?: unknown
}

/**
 * Makes a handler of requests (`connectors.handler`) one for Node's own HTTP server, and so for what is built on it:
 * Express, Fastify, NestJS, Koa. The body is passed on byte by byte, so that signatures can be checked: mount it before any
 * body parser, or keep the bytes in `rawBody`. A body that a parser has eaten ends in 500 and a log line that says so.
 *
 * @example
 * createServer(toNodeHandler(connectors.handler)).listen(3000)
 */
export function toNodeHandler(
  handler: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const request = toRequest(incoming)
    const response = request === null ? new Response('bad request\n', { status: 400 }) : await handler(request)
    const body = Buffer.from(await response.arrayBuffer())
    // Somebody else has answered meanwhile, e.g. a time limit of the framework.
    if (outgoing.headersSent) return
    outgoing.statusCode = response.status
    for (const [name, value] of response.headers) {
      if (name !== 'set-cookie') outgoing.setHeader(name, value)
    }
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
    if (incoming.complete) {
      outgoing.end(body)
      return
    }
    // What is left of the body would be taken for the next request.
    outgoing.setHeader('connection', 'close')
    // With a length the answer is whole before it ends: the sender can read it while it is still writing.
    if (response.body !== null) outgoing.setHeader('content-length', body.byteLength)
    outgoing.flushHeaders()
    outgoing.write(body)
    await drain(incoming)
    outgoing.end()
  }
}

/**
 * Reads on, and forgets, so that a sender comes to read the answer: one that is still writing when the connection is closed
 * may see a broken connection instead. Only for a while, for there are senders without an end.
 */
async function drain(incoming: IncomingMessage): Promise<void> {
  let length = 0
  await new Promise<void>((resolve) => {
    const stop = () => {
      clearTimeout(total)
      clearTimeout(idle)
      resolve()
    }
    const total = setTimeout(stop, drainLimit.ms)
    const idle = setTimeout(stop, drainLimit.idleMs)
    incoming.on('data', (chunk: Uint8Array) => {
      idle.refresh()
      length += chunk.byteLength
      if (length > drainLimit.bytes) stop()
    })
    for (const event of ['end', 'close', 'error']) incoming.once(event, stop)
    incoming.resume()
  })
}

/** `null` for what no `Request` can be, such as `TRACE`. */
function toRequest(incoming: IncomingMessage): Request | null {
  // Frameworks add them, so that the type of Node's request can't know.
  const { originalUrl } = incoming as Framed
  const path = typeof originalUrl === 'string' ? originalUrl : (incoming.url ?? '/')
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http'
  const headers = new Headers()
  try {
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '')
    }
    const url = new URL(`${scheme}://${incoming.headers.host || 'localhost'}${path.startsWith('/') ? path : '/'}`)
    const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD'
    return new Request(url, {
      method: incoming.method ?? 'GET',
      headers,
      ...(hasBody && { body: bodyOf(incoming), duplex: 'half' }),
    })
  } catch {
    return null
  }
}

function bodyOf(incoming: IncomingMessage): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  const { rawBody, body } = incoming as Framed
  for (const bytes of [rawBody, body]) if (bytes instanceof Uint8Array) return new Uint8Array(bytes)
  // Without destroying it: the answer still has to go out.
  const chunks: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false })
  const isEaten = incoming.readableDidRead
  // Nothing is read ahead: what nobody reads can be drained.
  return new ReadableStream(
    {
      pull: async (controller) => {
        if (isEaten) throw eaten()
        const { done, value } = await chunks.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      // Not awaited: it would wait for a chunk that is being read.
      cancel: () => void chunks.return?.(),
    },
    { highWaterMark: 0 },
  )
}

function eaten(): ConnectorsError {
  return new ConnectorsError(
    'INVALID_INPUT',
    'The body of a request was read before connectors.handler saw it, probably by a body parser: signatures cover the raw bytes, ' +
      'which are gone. Mount toNodeHandler(connectors.handler) before express.json() and the like, or keep the bytes in ' +
      'request.rawBody (NestJS: NestFactory.create(AppModule, { rawBody: true })).',
  )
}

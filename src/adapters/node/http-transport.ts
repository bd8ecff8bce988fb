import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { Agent, Dispatcher } from 'undici'
import { ConnectorsError, isConnectorsError, ProviderUnavailableError } from '../../core/domain/errors.ts'
import type { HttpRequest, HttpTransport } from '../../core/ports/http-transport.ts'
import { createEgressGuard, type Resolve } from './egress-guard.ts'

/** Limits of the way out. */
export interface HttpTransportOptions {
  /** Whether http and addresses outside the public internet are fine, or for which hosts, addresses and ranges; default false. */
  readonly allowPrivateNetwork?: boolean | readonly string[]
  /** Finds the addresses of a name; default: the system's. */
  readonly resolve?: Resolve
  /** Bytes of an answer's body, unpacked, at most; default 32 MiB. */
  readonly maxResponseBytes?: number
}

/** The way out, and its end. */
export interface ClosableTransport {
  readonly send: HttpTransport
  /** Closes all connections, those in use too; for when nothing is to be sent any more. May be called again. */
  readonly close: () => Promise<void>
}

/**
 * The transport on undici, which is loaded with the first request. Redirects are not followed. A body counts only if it
 * is complete: as long as `content-length` says, and with its last chunk; undici sees to that.
 */
export function createHttpTransport(options: HttpTransportOptions = {}): ClosableTransport {
  const { allowPrivateNetwork = false, maxResponseBytes = 32 * 1024 * 1024 } = options
  const guard = createEgressGuard({ allowPrivateNetwork, ...(options.resolve && { resolve: options.resolve }) })
  let client: Promise<{ readonly agent: Agent; readonly request: Agent['request'] }> | null = null

  async function load() {
    const { Agent } = await import('undici')
    // Our own deadline covers the whole exchange, so undici's have nothing to add.
    const agent = new Agent({ connect: { lookup: guard.lookup }, headersTimeout: 0, bodyTimeout: 0 })
    return { agent, request: agent.request.bind(agent) }
  }

  const send: HttpTransport = async (request) => {
    const what = describe(request)
    const url = URL.canParse(request.url) ? new URL(request.url) : null
    if (url === null) throw new ConnectorsError('EGRESS_REFUSED', `${what}: the address is not an absolute URL.`)
    guard.check(url)
    const isAborted = () => request.signal?.aborted === true
    if (isAborted()) throw aborted(what)

    const stop = new AbortController()
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      stop.abort()
    }, request.timeoutMs)
    const onAbort = () => stop.abort()
    request.signal?.addEventListener('abort', onAbort, { once: true })
    try {
      client ??= load()
      const { request: ask } = await client
      const answer = await ask({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        // The type lists the usual methods; undici itself takes any token.
        method: request.method as Dispatcher.HttpMethod,
        headers: { 'accept-encoding': 'gzip, deflate', ...request.headers },
        body: request.body,
        signal: stop.signal,
      })
      const headers = flatten(answer.headers)
      const packed = await readBody(answer.body, maxResponseBytes, what)
      const body = await unpack(packed, headers['content-encoding'], maxResponseBytes, what)
      if (body !== packed) {
        // They describe what was sent, not what we hand on.
        delete headers['content-encoding']
        delete headers['content-length']
      }
      return { status: answer.statusCode, headers, body }
    } catch (error) {
      if (isAborted()) throw aborted(what)
      if (isLate) throw new ProviderUnavailableError(`${what}: no complete answer within ${request.timeoutMs} ms.`)
      if (isConnectorsError(error)) throw error
      throw networkFailure(what, error)
    } finally {
      clearTimeout(deadline)
      request.signal?.removeEventListener('abort', onAbort)
    }
  }

  return {
    send,
    // An agent that is destroyed twice stays destroyed.
    close: async () => (await client)?.agent.destroy(),
  }
}

// Without user, password and query string: all three may hold secrets.
function describe(request: HttpRequest): string {
  if (!URL.canParse(request.url)) return request.method
  const { protocol, host, pathname } = new URL(request.url)
  return `${request.method} ${protocol}//${host}${pathname}`
}

function aborted(what: string): ConnectorsError<'ABORTED'> {
  return new ConnectorsError('ABORTED', `${what}: aborted by the caller.`)
}

function networkFailure(what: string, error: unknown): ConnectorsError {
  const code = codeOf(error)
  if (code === 'UND_ERR_DESTROYED') return new ConnectorsError('CLOSED', `${what}: cut off by close().`)
  if (code === 'UND_ERR_INVALID_ARG') {
    // No other try will make it valid. Neither undici's message nor the cause goes along: they quote the value.
    return new ProviderUnavailableError(`${what}: HTTP does not allow this method, path or header.`, {
      retryable: false,
    })
  }
  const reason = code ?? (error instanceof Error ? error.name : 'unknown')
  return new ProviderUnavailableError(`${what}: the connection failed (${reason}).`, { cause: error })
}

// undici wraps what the socket said, sometimes in an AggregateError of one failure per address.
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown }
  const inner = codeOf(cause) ?? (Array.isArray(errors) ? codeOf(errors[0]) : undefined)
  return inner ?? (typeof code === 'string' ? code : undefined)
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

async function readBody(body: AsyncIterable<Uint8Array>, limit: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    // Leaving the loop destroys the body and its connection.
    if (size > limit) throw tooLarge(what, limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function tooLarge(what: string, limit: number): ProviderUnavailableError {
  return new ProviderUnavailableError(`${what}: the answer is larger than ${limit} bytes.`, { retryable: false })
}

const unpackers: ReadonlyMap<string, (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>> =
  new Map([
    ['gzip', promisify(gunzip)],
    ['x-gzip', promisify(gunzip)],
    ['deflate', promisify(inflate)],
    ['br', promisify(brotliDecompress)],
  ])

// Services pack once, a proxy before them perhaps once more.
const mostEncodings = 2

async function unpack(
  body: Uint8Array,
  contentEncoding: string | undefined,
  limit: number,
  what: string,
): Promise<Uint8Array> {
  const encodings = (contentEncoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  if (encodings.length === 0 || body.byteLength === 0) return body
  let unpacked = body
  // The last one was put on last.
  for (const name of encodings.toReversed()) {
    const unpacker = unpackers.get(name)
    if (unpacker === undefined || encodings.length > mostEncodings) {
      throw new ProviderUnavailableError(`${what}: the answer is packed in a way that was not asked for.`, {
        retryable: false,
      })
    }
    try {
      unpacked = await unpacker(unpacked, { maxOutputLength: limit })
    } catch (error) {
      if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(what, limit)
      throw new ProviderUnavailableError(`${what}: the answer's ${name} body is damaged or was cut off.`, {
        cause: error,
      })
    }
  }
  return unpacked
}

import { type AddressInfo, createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

/** What a fault does with a connection once a request's head has arrived. `count` = requests to this path so far. */
type Fault = (socket: Socket, count: number) => void

const head = (status: string, headers: readonly string[] = []) =>
  `HTTP/1.1 ${status}\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`
const whole = (status: string, headers: readonly string[] = [], body = '{"ok":true}') =>
  head(status, [`content-length: ${Buffer.byteLength(body)}`, ...headers]) + body
const then200 =
  (first: Fault): Fault =>
  (socket, count) =>
    count === 1 ? first(socket, count) : void socket.write(whole('200 OK'))
const redirect =
  (location: string): Fault =>
  (socket) =>
    void socket.end(whole('302 Found', [`location: ${location}`], ''))

function bomb(times: number): Buffer {
  let packed: Buffer = Buffer.alloc(4_000_000)
  for (let round = 0; round < times; round += 1) packed = gzipSync(packed)
  return packed
}

const packed =
  (encoding: string, body: () => Buffer): Fault =>
  (socket) => {
    const bytes = body()
    socket.write(head('200 OK', [`content-encoding: ${encoding}`, `content-length: ${bytes.length}`]))
    socket.end(bytes)
  }

/** The faults, by path. */
export const faults: Readonly<Record<string, Fault>> = {
  '/reset-before': (socket) => socket.resetAndDestroy(),
  '/reset-within-head': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le', () => socket.resetAndDestroy()),
  '/reset-within-body': (socket) =>
    socket.write(`${head('200 OK', ['content-length: 99'])}{"half":`, () => socket.resetAndDestroy()),
  '/close-before': (socket) => socket.end(),
  '/hang': () => {},
  '/hang-within-body': (socket) => void socket.write(`${head('200 OK', ['content-length: 99'])}{"half":`),
  '/drip': (socket) => {
    socket.write(head('200 OK', ['content-length: 100000']))
    const timer = setInterval(() => socket.write('x'), 5)
    socket.on('close', () => clearInterval(timer))
  },
  '/short': (socket) => void socket.end(`${head('200 OK', ['content-length: 99'])}{"half":`),
  '/short-chunked': (socket) => void socket.end(`${head('200 OK', ['transfer-encoding: chunked'])}8\r\n{"half":\r\n`),
  '/short-unannounced': (socket) => void socket.end(`${head('200 OK', ['connection: close'])}{"half":`),
  '/packed-twice': packed('identity, gzip, GZIP', () => gzipSync(gzipSync('{"ok":true}'))),
  '/500-then-200': then200((socket) => void socket.write(whole('500 Internal Server Error'))),
  '/reset-then-200': then200((socket) => void socket.resetAndDestroy()),
  '/429-seconds': then200((socket) => void socket.write(whole('429 Too Many Requests', ['retry-after: 2']))),
  '/429-date': then200(
    (socket) =>
      void socket.write(
        whole('429 Too Many Requests', [
          'date: Thu, 01 Jan 2026 00:00:00 GMT',
          'retry-after: Thu, 01 Jan 2026 00:00:02 GMT',
        ]),
      ),
  ),
  '/429-long': (socket) => void socket.write(whole('429 Too Many Requests', ['retry-after: 3600'])),
  '/loop': redirect('/loop'),
  '/to-loopback': redirect('http://127.0.0.2:1/admin'),
  '/to-metadata': redirect('http://169.254.169.254/latest/meta-data'),
  '/bomb': packed('gzip', () => bomb(1)),
  '/bomb-in-bomb': packed('gzip, gzip', () => bomb(2)),
  '/deep-bomb': packed('gzip, gzip, gzip', () => bomb(3)),
  '/packed-thrice': packed('gzip, gzip, gzip', () => gzipSync(gzipSync(gzipSync('{}')))),
  '/packed-strangely': packed('constructor', () => Buffer.from('{}')),
  '/damaged-gzip': packed('gzip', () => bomb(1).subarray(0, 100)),
  '/not-http': (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  '/bad-length': (socket) => void socket.end(head('200 OK', ['content-length: many'])),
  '/endless-head': (socket) => void socket.end(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(200_000)}\r\n\r\n`),
}

/** A server that misbehaves, on real sockets. */
export interface FaultServer {
  readonly origin: string
  /** Requests to a path so far. */
  readonly count: (path: string) => number
  /** Resolves once no connection is open. */
  readonly idle: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts a fault server on a free port of the loopback interface. */
export async function startFaultServer(): Promise<FaultServer> {
  const counts = new Map<string, number>()
  const sockets = new Set<Socket>()
  let onIdle = () => {}
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) onIdle()
    })
    socket.on('data', (bytes) => {
      const path = bytes.toString('latin1').split(' ')[1] ?? ''
      const count = (counts.get(path) ?? 0) + 1
      counts.set(path, count)
      faults[path]?.(socket, count)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    count: (path) => counts.get(path) ?? 0,
    idle: () =>
      new Promise((resolve) => {
        onIdle = resolve
        if (sockets.size === 0) resolve()
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

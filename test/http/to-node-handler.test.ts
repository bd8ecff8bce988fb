import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { toNodeHandler } from '../../src/http/to-node-handler.ts'
import { createShopWorld, shopDelivery } from '../support/shop-world.ts'

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown

/** A server of Node's own, with what frameworks put before a handler. */
async function serve(handler: (request: Request) => Promise<Response>, before?: Middleware) {
  const handle = toNodeHandler(handler)
  const server = createServer((incoming, outgoing) => {
    const next = () => void handle(incoming, outgoing)
    if (before === undefined) next()
    else before(incoming, outgoing, next)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return { port, origin: `http://127.0.0.1:${port}` }
}

async function shopServer(before?: Middleware, options: Parameters<typeof createShopWorld>[0] = {}) {
  const world = await createShopWorld(options)
  const { id } = await world.connect('acme')
  const { origin, port } = await serve(world.connectors.handler, before)
  const deliver = (body: string, path = `/webhooks/${id}`) => {
    const delivery = shopDelivery(body)
    return fetch(`${origin}${path}`, { method: 'POST', headers: delivery.headers, body: Buffer.from(delivery.body) })
  }
  return { ...world, id, origin, port, deliver }
}

const readAll = async (incoming: IncomingMessage) => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
const order = '{"type":"order.created", "orderId":"ö1"}'

test('a delivery over a socket is stored byte by byte, in one chunk or many', async () => {
  const { connectors, deliver, origin, id } = await shopServer()
  expect((await deliver(order)).status).toBe(200)
  const { headers, body } = shopDelivery(order)
  const chunked = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of body) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  const init = { method: 'POST', headers, body: chunked, duplex: 'half' }
  expect((await fetch(`${origin}/webhooks/${id}`, init as RequestInit)).status).toBe(200)
  const [stored] = await connectors.operator.webhooks.list().all()
  expect(stored?.deliveries).toBe(2)
  expect(Buffer.from(stored?.rawBody ?? []).toString()).toBe(order)
})

test('a router that cut the path, and a router that kept the query, are seen through', async () => {
  const { connectors, deliver, id } = await shopServer((incoming, _outgoing, next) => {
    Object.assign(incoming, { originalUrl: incoming.url })
    incoming.url = '/cut'
    next()
  })
  expect((await deliver(order, `/webhooks/${id}?source=shop`)).status).toBe(200)
  expect(await connectors.operator.webhooks.list().all()).toHaveLength(1)
})

test('a body that a parser has eaten is a 500, and the log says what to do', async () => {
  const { connectors, deliver, logLines } = await shopServer(async (incoming, _outgoing, next) => {
    Object.assign(incoming, { body: JSON.parse((await readAll(incoming)).toString()) })
    next()
  })
  const response = await deliver(order)
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('express')
  expect(logLines.join()).toMatch(/before express\.json\(\).*rawBody/)
  expect(await connectors.operator.webhooks.list().all()).toEqual([])
})

test.each(['rawBody', 'body'])('bytes that a framework kept in %s count, though the body was read', async (member) => {
  const { connectors, deliver } = await shopServer(async (incoming, _outgoing, next) => {
    const bytes = await readAll(incoming)
    Object.assign(incoming, { body: JSON.parse(bytes.toString()) }, { [member]: bytes })
    next()
  })
  expect((await deliver(order)).status).toBe(200)
  const [stored] = await connectors.operator.webhooks.list().all()
  expect(Buffer.from(stored?.rawBody ?? []).toString()).toBe(order)
})

test('a body over the limit is answered with 413 while it is still coming, and the connection is closed', async () => {
  const { port, id } = await shopServer(undefined, { webhooks: { maxBodyBytes: 1_000 } })
  const socket = connect(port, '127.0.0.1')
  const head = `POST /webhooks/${id} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n`
  socket.write(`${head}1000\r\n${'x'.repeat(4_096)}\r\n`)
  let received = ''
  for await (const chunk of socket) received += String(chunk)
  expect(received).toMatch(/^HTTP\/1\.1 413 /)
  expect(received).toMatch(/connection: close/i)
})

test.each(['with its length', 'in chunks'])('a sender of a far too large body, sent %s, sees the 413', async (way) => {
  const { origin, id, connectors } = await shopServer()
  const chunk = Buffer.alloc(1_000_000, 'x')
  const send = async () => {
    let rest = 20
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        rest -= 1
        if (rest < 0) controller.close()
        else controller.enqueue(chunk)
      },
    })
    const init = { method: 'POST', body: way === 'in chunks' ? stream : Buffer.alloc(20_000_000, 'x'), duplex: 'half' }
    const response = await fetch(`${origin}/webhooks/${id}`, init as RequestInit)
    return [response.status, await response.text()]
  }
  for (let attempt = 0; attempt < 10; attempt += 1) expect(await send()).toEqual([413, 'body too large\n'])
  expect(await connectors.operator.webhooks.list().all()).toEqual([])
})

test('a sender that reads only when it has written all sees the 413', async () => {
  const { port, id } = await shopServer()
  const socket = connect(port, '127.0.0.1').pause()
  const length = 20_000_000
  socket.write(`POST /webhooks/${id} HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`)
  await new Promise<void>((resolve, reject) => {
    socket.write(Buffer.alloc(length, 'x'), (error) => (error ? reject(error) : resolve()))
  })
  let received = ''
  for await (const chunk of socket) received += String(chunk)
  expect(received).toMatch(/^HTTP\/1\.1 413 [\s\S]*body too large\n$/)
})

test('a sender that never stops is cut off', async () => {
  const { port, id } = await shopServer()
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST /webhooks/${id} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000000\r\n\r\n`)
  const chunk = Buffer.alloc(1_000_000, 'x')
  let received = ''
  socket.on('data', (text) => {
    received += String(text)
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const send = () => {
    if (!socket.destroyed) socket.write(chunk, () => setImmediate(send))
  }
  send()
  await closed
  expect(received).toMatch(/^HTTP\/1\.1 413 [\s\S]*body too large/)
  expect(socket.bytesWritten).toBeGreaterThan(60_000_000)
  expect(socket.bytesWritten).toBeLessThan(200_000_000)
})

test('a sender that breaks off in the middle stores nothing and ends nothing', async () => {
  let arrived = () => {}
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const { port, id, deliver, connectors, logLines } = await shopServer((_incoming, _outgoing, next) => {
    next()
    arrived()
  })
  const { headers } = shopDelivery(order)
  const outgoing = request({
    port,
    method: 'POST',
    path: `/webhooks/${id}`,
    headers: { ...headers, 'content-length': 99 },
  })
  outgoing.on('error', () => {})
  outgoing.write('{"type":')
  await arrival
  outgoing.destroy()
  await expect.poll(() => logLines.join()).toContain('a webhook could not be stored')
  expect((await deliver(order)).status).toBe(200)
  expect(await connectors.operator.webhooks.list().all()).toHaveLength(1)
})

test('where somebody else has answered meanwhile nothing is answered twice', async () => {
  const { deliver, connectors } = await shopServer((_incoming, outgoing, next) => {
    next()
    outgoing.writeHead(408).end()
  })
  expect((await deliver(order)).status).toBe(408)
  await expect.poll(() => connectors.operator.webhooks.list().all()).toHaveLength(1)
})

test('several headers of one name reach the handler, several cookies and an empty answer the client', async () => {
  const { port } = await serve(async ({ headers, url, method }) => {
    const answer = new Headers([
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2'],
      ['x-seen', `${method} ${url} ${headers.get('x-twice')}`],
    ])
    return new Response(null, { status: 204, headers: answer })
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { 'x-twice': ['1', '2'], host: 'shop.example:81' }
    request({ port, path: '/a%20b?c=d', headers }, resolve).on('error', reject).end()
  })
  response.resume()
  expect(response.statusCode).toBe(204)
  expect(response.headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2'])
  expect(response.headers['x-seen']).toBe('GET http://shop.example:81/a%20b?c=d 1, 2')
})

test.each([
  ['GET //evil.example/webhooks HTTP/1.1\r\nhost: a', 'http://a//evil.example/webhooks'],
  ['GET http://evil.example/x HTTP/1.1\r\nhost: a', 'http://a/'],
  ['GET /x HTTP/1.0', 'http://localhost/x'],
  ['OPTIONS * HTTP/1.1\r\nhost: a', 'http://a/'],
])('the request line %j is read as %s', async (line, url) => {
  const urls: string[] = []
  const { port } = await serve(async (incoming) => {
    urls.push(incoming.url)
    return new Response('ok')
  })
  const socket = connect(port, '127.0.0.1')
  socket.end(`${line}\r\n${line.includes('1.1') ? 'connection: close\r\n' : ''}\r\n`)
  let received = ''
  for await (const chunk of socket) received += String(chunk)
  expect(received).toMatch(/^HTTP\/1\.1 200 /)
  expect(urls).toEqual([url])
})

test.each(['TRACE / HTTP/1.1\r\nhost: a', 'GET / HTTP/1.1\r\nhost: a b'])('%j is a bad request', async (line) => {
  const { port } = await serve(async () => new Response('ok'))
  const socket = connect(port, '127.0.0.1')
  socket.end(`${line}\r\nconnection: close\r\n\r\n`)
  let received = ''
  for await (const chunk of socket) received += String(chunk)
  expect(received).toMatch(/^HTTP\/1\.1 400 /)
})

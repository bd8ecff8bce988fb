import { createServer } from 'node:http'
import { toNodeHandler } from 'bapp-connectors/http'
import { openDatabase, openLibrary } from '../support/database.ts'
import { bareInsert } from '../support/deliveries.ts'

// Both servers in one process and over one pool: /webhooks/… is the library's handler, /bare a handler that inserts the row
// that it is sent. Asked for its CPU time, it answers it in milliseconds.
const database = await openDatabase()
const { connectors, connectionId, tenantId } = await openLibrary(database)
const handle = toNodeHandler(connectors.handler)

const server = createServer((request, response) => {
  if (request.url !== '/bare') {
    void handle(request, response)
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', async () => {
    const body = Buffer.concat(chunks)
    const at = new Date()
    const id = String(request.headers['x-bench-row'])
    const text = body.toString()
    await database.pool.query({
      ...bareInsert,
      values: [
        id,
        tenantId,
        connectionId,
        'bench',
        'order.created',
        id,
        null,
        body,
        text,
        '{}',
        true,
        'received',
        0,
        0,
        1,
        at,
        null,
        null,
        null,
        null,
        null,
        at,
      ],
    })
    response.end('ok')
  })
}).listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0, connectionId })
})
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.((user + system) / 1_000)
})
process.on('disconnect', async () => {
  server.closeAllConnections()
  await connectors.close()
  await database.close()
  process.exit()
})

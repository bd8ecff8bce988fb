import { createServer } from 'node:http'

// A third party that answers everything at once, in a process of its own: it tells its port and ends with its parent.
const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : undefined)
})
process.on('disconnect', () => process.exit())

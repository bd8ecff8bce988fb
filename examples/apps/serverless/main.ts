import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from 'bapp-connectors/http'
import { handle } from './handle.ts'

// Stands in for the platform, which would call `handle` itself.
const server = createServer(toNodeHandler(handle))
server.listen(Number(process.env.PORT ?? 3000), () => {
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  console.log(`listening on http://localhost:${port}`)
})

import type { AddressInfo } from 'node:net'
import { toNodeHandler } from 'bapp-connectors/http'
import express from 'express'
import { connect, connectors, deliveries, processWebhooks } from '../connectors.ts'

const app = express()

// Before any body parser: signatures cover the raw bytes.
app.use(['/webhooks', '/oauth'], toNodeHandler(connectors.handler))
app.use(express.json())

// The header stands for whatever tells you which tenant is asking.
app.post('/api/connections', async (request, response) => {
  response.status(201).json(await connect(request.get('x-tenant') ?? '', request.body))
})
app.get('/api/connections/:id/deliveries', async (request, response) => {
  response.json(await deliveries(request.get('x-tenant') ?? '', request.params.id))
})

processWebhooks()
const server = app.listen(Number(process.env.PORT ?? 3000), (error) => {
  if (error !== undefined) throw error // the port is taken
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  console.log(`listening on http://localhost:${port}`)
})

import type { AddressInfo } from 'node:net'
import { toNodeHandler } from 'bapp-connectors/http'
import express from 'express'
import { onStop } from '../on-stop.ts'
import { api } from './api.ts'
import { close, connectors } from './connectors.ts'
import { env } from './env.ts'

const app = express()

// Before any body parser: signatures cover the raw bytes.
app.use('/webhooks', toNodeHandler(connectors.handler))
app.use('/api', api)
app.get('/health', async (_request, response) => {
  const health = await connectors.health()
  response.status(health.isReady ? 200 : 503).json(health)
})

await connectors.ready()
const server = app.listen(env.PORT, (error) => {
  if (error !== undefined) throw error // the port is taken
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  console.log(`listening on http://localhost:${port}`)
})

onStop(async () => {
  await new Promise((resolve) => server.close(resolve))
  await close()
})

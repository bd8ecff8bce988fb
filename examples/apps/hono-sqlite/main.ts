import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { onStop } from '../on-stop.ts'
import { api } from './api.ts'
import { close, connectors } from './connectors.ts'
import { env } from './env.ts'

const app = new Hono()

// Before any middleware that reads bodies: signatures cover the raw bytes.
app.all('/webhooks/*', (c) => connectors.handler(c.req.raw))
app.route('/api', api)
app.get('/health', async (c) => {
  const health = await connectors.health()
  return c.json(health, health.isReady ? 200 : 503)
})

const worker = connectors.work()
await worker.ready()
const server = serve({ fetch: app.fetch, port: env.PORT }, ({ port }) => {
  console.log(`listening on http://localhost:${port}`)
})

onStop(async () => {
  await Promise.all([new Promise((resolve) => server.close(resolve)), worker.drain()])
  await close()
})

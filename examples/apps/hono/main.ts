import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { connect, connectors, deliveries, processWebhooks } from '../connectors.ts'

const app = new Hono()

// No adapter: the handler takes the request as it is. Before any middleware that reads bodies.
app.all('/webhooks/*', (c) => connectors.handler(c.req.raw))
app.all('/oauth/*', (c) => connectors.handler(c.req.raw))

// The header stands for whatever tells you which tenant is asking.
app.post('/api/connections', async (c) => {
  return c.json(await connect(c.req.header('x-tenant') ?? '', await c.req.json()), 201)
})
app.get('/api/connections/:id/deliveries', async (c) => {
  return c.json(await deliveries(c.req.header('x-tenant') ?? '', c.req.param('id')))
})

processWebhooks()
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`listening on http://localhost:${port}`)
})

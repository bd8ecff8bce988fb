import { toNodeHandler } from 'bapp-connectors/http'
import fastify from 'fastify'
import { connect, connectors, deliveries, processWebhooks } from '../connectors.ts'

const app = fastify()

// A scope of its own, whose bodies Fastify leaves alone: signatures cover the raw bytes.
app.register(async (scope) => {
  const handle = toNodeHandler(connectors.handler)
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  for (const path of ['/webhooks/*', '/oauth/*']) {
    scope.all(path, async (request, reply) => {
      reply.hijack()
      await handle(request.raw, reply.raw)
    })
  }
})

// The header stands for whatever tells you which tenant is asking.
app.post('/api/connections', async (request, reply) => {
  return reply.code(201).send(await connect(String(request.headers['x-tenant']), request.body))
})
app.get<{ Params: { id: string } }>('/api/connections/:id/deliveries', (request) =>
  deliveries(String(request.headers['x-tenant']), request.params.id),
)

processWebhooks()
console.log(`listening on ${await app.listen({ port: Number(process.env.PORT ?? 3000) })}`)

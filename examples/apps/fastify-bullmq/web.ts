import { toNodeHandler } from 'bapp-connectors/http'
import fastify from 'fastify'
import { onStop } from '../on-stop.ts'
import { api } from './api.ts'
import { close, connectors } from './connectors.ts'
import { env } from './env.ts'

const app = fastify()

// A scope of its own, whose bodies Fastify leaves alone: signatures cover the raw bytes.
app.register(async (scope) => {
  const handle = toNodeHandler(connectors.handler)
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  scope.all('/webhooks/*', async (request, reply) => {
    reply.hijack()
    await handle(request.raw, reply.raw)
  })
})
app.register(api, { prefix: '/api' })
app.get('/health', async (_request, reply) => {
  const health = await connectors.health()
  return reply.code(health.isReady ? 200 : 503).send(health)
})

await connectors.ready()
console.log(`listening on ${await app.listen({ port: env.PORT })}`)

onStop(async () => {
  await app.close()
  await close()
})

import 'reflect-metadata'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { All, Controller, Module, Req, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { toNodeHandler } from 'bapp-connectors/http'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createShopWorld, shopDelivery } from '../../test/support/shop-world.ts'

type Handler = (request: Request) => Promise<Response>
type NodeHandler = ReturnType<typeof toNodeHandler>

const order = '{ "type":"order.created",\n "orderId": "ö1" }'

/** What an application answers to a genuine delivery, what is stored, and what it logs. */
async function deliverTo(start: (handler: Handler) => Promise<Server> | Server, delivered = order) {
  const { connectors, connect, logLines } = await createShopWorld()
  const { id } = await connect('acme')
  const server = await start(connectors.handler)
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  if (!server.listening) await new Promise<void>((resolve) => server.once('listening', () => resolve()))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  const { headers, body } = shopDelivery(delivered)
  const response = await fetch(`http://localhost:${port}/webhooks/${id}`, {
    method: 'POST',
    headers,
    body: Buffer.from(body),
  })
  const rows = await connectors.operator.webhooks.list().all()
  const stored = rows.map(({ rawBody }) => Buffer.from(rawBody ?? []).toString())
  return { status: response.status, text: await response.text(), stored, log: logLines.join('\n') }
}

function expressWith(parser: express.RequestHandler) {
  return (handler: Handler) => express().use(parser).use('/webhooks', toNodeHandler(handler)).listen(0)
}

async function fastifyInFront(handler: Handler) {
  const app = fastify()
  app.all('/webhooks/*', async (request, reply) => {
    reply.hijack()
    await toNodeHandler(handler)(request.raw, reply.raw)
  })
  await app.listen({ port: 0 })
  return app.server
}

function nestWith(options: { readonly rawBody: boolean }) {
  return async (handler: Handler) => {
    const handle: NodeHandler = toNodeHandler(handler)
    @Controller()
    class WebhooksController {
      @All('webhooks/*path')
      receive(@Req() request: IncomingMessage, @Res() response: ServerResponse) {
        return handle(request, response)
      }
    }
    @Module({ controllers: [WebhooksController] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { ...options, logger: false })
    await app.listen(0)
    return app.getHttpServer() as Server
  }
}

function honoInFront(handler: Handler) {
  const app = new Hono()
  app.use(async (c, next) => {
    await c.req.json()
    await next()
  })
  app.all('/webhooks/*', (c) => handler(c.req.raw))
  // Without options for HTTP/2 it is a server of node:http.
  return serve({ fetch: app.fetch, port: 0 }) as Server
}

describe('a body parser in front of the handler', () => {
  test.each([
    ['express.json()', expressWith(express.json())],
    ['the parser of Fastify', fastifyInFront],
    ['the parser of NestJS', nestWith({ rawBody: false })],
  ])('%s eats the body: 500, and the log says what to do', async (_, start) => {
    const outcome = await deliverTo(start)
    expect(outcome).toMatchObject({ status: 500, text: 'internal error\n', stored: [] })
    expect(outcome.log).toMatch(/read before connectors\.handler saw it, probably by a body parser.*rawBody: true/)
  })

  test('a middleware of Hono that reads the body eats it: 500, and the log says what to do', async () => {
    const outcome = await deliverTo(honoInFront)
    expect(outcome).toMatchObject({ status: 500, text: 'internal error\n', stored: [] })
    expect(outcome.log).toContain('The body of the request was read before')
  })

  test.each([
    ['express.raw()', expressWith(express.raw({ type: '*/*' }))],
    [
      'express.json() with `verify`',
      expressWith(express.json({ verify: (request, _, bytes) => void Object.assign(request, { rawBody: bytes }) })),
    ],
    ['NestJS with `rawBody: true`', nestWith({ rawBody: true })],
  ])('%s keeps the bytes', async (_, start) => {
    expect(await deliverTo(start)).toMatchObject({ status: 200, stored: [order] })
  })

  test.each([
    ['more than 100 kB', JSON.stringify({ text: 'x'.repeat(102_400) }), 413],
    ['broken JSON', '{', 400],
  ])('the parser of NestJS with `rawBody: true` answers %s by itself', async (_, body, status) => {
    expect(await deliverTo(nestWith({ rawBody: true }), body)).toMatchObject({ status, stored: [] })
  })
})

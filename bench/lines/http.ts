import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { startChild } from '../support/child.ts'
import { newDelivery, stock } from '../support/deliveries.ts'
import { interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'
import { atOnce } from '../support/work.ts'

// The same deliveries over sixteen connections: to the library's handler on node:http, and to one that only inserts.
const server = await startChild<{ readonly port: number; readonly connectionId: string }>('http-server')
const { port, connectionId } = server.started
const agent = new Agent({ keepAlive: true, maxSockets: 16 })
const deliveries = stock(newDelivery)

const post = (path: string, more: Readonly<Record<string, string>> = {}) =>
  new Promise<void>((resolve, reject) => {
    const { headers, body } = deliveries.take()
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path,
        headers: { ...headers, ...more, 'content-length': body.length },
      },
      (response) => {
        response.resume()
        response.on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${path} answered ${response.statusCode}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

const compared = await interleave(
  [
    {
      name: 'bare handler',
      prepare: deliveries.fill,
      work: atOnce(16, () => post('/bare', { 'x-bench-row': randomUUID().replaceAll('-', '') })),
    },
    { name: 'connectors.handler', prepare: deliveries.fill, work: atOnce(16, () => post(`/webhooks/${connectionId}`)) },
  ],
  { rounds: 24, turnMs: 250, cpu: () => server.ask<number>('cpu') },
)
const { ratio, spread } = compared.speed('connectors.handler')
report({
  name: 'http',
  what: 'webhook accept over HTTP, 16 connections: throughput',
  reference: 'a node:http handler that does the bare pg insert and nothing else',
  measured: ratio,
  unit: 'x',
  spread,
  target: { atLeast: 0.7 },
  contenders: compared.contenders,
})
agent.destroy()
server.end()

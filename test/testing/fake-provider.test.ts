import { type FakeFault, fakeResponse, fakeRoutes, startFakeProvider } from 'bapp-connectors/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpTransport } from '../../src/adapters/node/http-transport.ts'

const orders = [{ id: 'a b', total: '1.00' }]

async function given() {
  const service = await startFakeProvider(
    fakeRoutes(
      {
        'GET /orders': ({ query }) => ({ page: query.get('page'), orders }),
        'GET /orders/:id': ({ params }) =>
          orders.find(({ id }) => id === params.id) ??
          fakeResponse(404, { message: 'no such order' }, { 'x-hint': '1' }),
        'POST /orders': ({ body }) => fakeResponse(201, JSON.parse(body)),
      },
      { authorize: ({ headers }) => headers.authorization === 'Bearer t' },
    ),
  )
  const transport = createHttpTransport({ allowPrivateNetwork: true })
  onTestFinished(async () => {
    await transport.close()
    await service.close()
  })
  const ask = async (
    path: string,
    { method = 'GET', token = 't', body = null as string | null, timeoutMs = 5_000 } = {},
  ) => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await transport.send({ method, url: service.origin + path, headers, body, timeoutMs, signal: null })
    return { ...answer, text: Buffer.from(answer.body).toString() }
  }
  return { service, ask }
}

test('a fake provider answers by its routes, to those who may ask, and keeps what it was asked', async () => {
  const { service, ask } = await given()
  expect(await ask('/orders?page=2')).toMatchObject({ status: 200, text: JSON.stringify({ page: '2', orders }) })
  expect(await ask('/orders/a%20b')).toMatchObject({ status: 200, text: JSON.stringify(orders[0]) })
  expect(await ask('/orders/c')).toMatchObject({ status: 404, headers: { 'x-hint': '1' } })
  expect(await ask('/orders', { method: 'POST', body: '{"id":"n"}' })).toMatchObject({
    status: 201,
    text: '{"id":"n"}',
  })
  expect(await ask('/orders', { method: 'DELETE' })).toMatchObject({ status: 404 })
  expect(await ask('/orders', { token: 'x' })).toMatchObject({ status: 401 })
  expect(service.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /orders?page=2',
    'GET /orders/a%20b',
    'GET /orders/c',
    'POST /orders',
    'DELETE /orders',
    'GET /orders',
  ])
})

test('faults come one after the other, as often as was asked for, and end with recover', async () => {
  const { service, ask } = await given()
  service.fail({ status: 429, headers: { 'retry-after': '3' }, body: { message: 'slow' } }, 2)
  service.fail(({ headers }) => ({ status: 500, body: `you said ${headers.authorization}` }))
  const statuses = async (count: number) => {
    const found: number[] = []
    for (let asked = 0; asked < count; asked += 1) found.push((await ask('/orders')).status)
    return found
  }
  expect(await ask('/orders')).toMatchObject({ headers: { 'retry-after': '3' }, text: '{"message":"slow"}' })
  expect(await ask('/orders')).toMatchObject({ status: 429 })
  expect(await ask('/orders')).toMatchObject({ status: 500, text: 'you said Bearer t' })
  expect(await statuses(1)).toEqual([200])
  service.fail({ status: 503 }, Number.POSITIVE_INFINITY)
  expect(await statuses(3)).toEqual([503, 503, 503])
  service.recover()
  expect(await statuses(1)).toEqual([200])
})

test.each<[FakeFault, RegExp]>([
  ['truncated', /the connection failed/],
  ['reset', /the connection failed/],
  ['hang', /no complete answer within 50 ms/],
])('%s is no answer at all', async (fault, message) => {
  const { service, ask } = await given()
  service.fail(fault)
  await expect(ask('/orders', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', message })
  expect(await ask('/orders')).toMatchObject({ status: 200 })
})

test.each<[FakeFault, RegExp]>([
  ['half-json', /^\{"half":$/],
  ['not-json', /^<!doctype html>/],
])('%s looks like success until it is read', async (fault, text) => {
  const { service, ask } = await given()
  service.fail(fault)
  expect(await ask('/orders')).toMatchObject({ status: 200, text: expect.stringMatching(text) })
})

test('a provider that goes round in circles answers each path as it was asked first', async () => {
  const { service, ask } = await given()
  service.goRoundInCircles()
  expect((await ask('/orders?page=1')).text).toContain('"page":"1"')
  expect((await ask('/orders?page=2')).text).toContain('"page":"1"')
  expect(await ask('/orders/a%20b')).toMatchObject({ status: 200 })
})

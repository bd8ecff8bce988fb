import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { answerJson, connectHttpClient } from '../../support/connect-http-client.ts'

describe('a redirect', () => {
  function redirect(response: ServerResponse, status: number, location: string): void {
    response.writeHead(status, { location })
    response.end()
  }

  it('is followed within the origin, with the proof of identity, and the answer knows where it came from', async () => {
    const { http, server } = await connectHttpClient((request, response) => {
      if (request.url === '/old') redirect(response, 301, '/new?x=1')
      else answerJson(response, 200, {})
    })
    expect((await http.get('/old')).url).toBe(`${server.origin}/new?x=1`)
    expect(server.requests).toMatchObject([
      { url: '/old' },
      { url: '/new?x=1', headers: { authorization: 'Bearer s3cret-token' } },
    ])
  })

  it('to another origin is followed by reads, which leave behind all that proves who is asking', async () => {
    const elsewhere = await startFakeProvider((request, response) => {
      if (request.url === '/denied') answerJson(response, 401, { message: 'who are you?' })
      else if (request.url === '/back') redirect(response, 302, `${server.origin}/home`)
      else answerJson(response, 200, {})
    })
    onTestFinished(elsewhere.close)
    const { http, server } = await connectHttpClient(
      (request, response) => {
        if (request.url === '/home') answerJson(response, 200, {})
        else redirect(response, 302, `${elsewhere.origin}${request.url}`)
      },
      { headers: { 'x-app-secret': 'hunter2', 'user-agent': 'us' } },
    )
    const answer = await http.get('/file', { headers: { cookie: 'a=b' } })
    expect(answer.url).toBe(`${elsewhere.origin}/file`)
    expect(elsewhere.requests[0]?.headers).toMatchObject({ 'user-agent': 'us', accept: 'application/json' })
    for (const name of ['authorization', 'x-app-secret', 'cookie']) {
      expect(elsewhere.requests[0]?.headers).not.toHaveProperty(name)
    }
    // It says nothing about the credentials: they were not sent.
    await expect(http.get('/denied')).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      status: 401,
      message: expect.stringMatching(/\/denied answered 401, asked without credentials .*: who are you\?$/),
    })
    await http.get('/back')
    expect(server.requests.at(-1)).toMatchObject({ url: '/home' })
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('authorization')
  })

  it('to another origin is refused for writes: nothing is sent there', async () => {
    const elsewhere = await startFakeProvider((_request, response) => answerJson(response, 200, {}))
    onTestFinished(elsewhere.close)
    const { http } = await connectHttpClient((_request, response) =>
      redirect(response, 307, `${elsewhere.origin}/x?token=hunter2`),
    )
    await expect(http.post('/', { json: {} })).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
      message: expect.stringMatching(new RegExp(`^(?!.*hunter2).*${elsewhere.origin}`)),
    })
    expect(elsewhere.requests).toEqual([])
  })

  it('is followed five times, not more', async () => {
    const { http, server } = await connectHttpClient((_request, response, count) =>
      redirect(response, 302, `/${count}`),
    )
    await expect(http.get('/')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED' })
    expect(server.requests).toHaveLength(6)
  })

  it('repeats a write with its body on 307 and 308, reads on 303, and never turns a write into something else', async () => {
    const { http, server } = await connectHttpClient((request, response) => {
      const status = Number(request.url.slice(1))
      if (status === 0) answerJson(response, 200, {})
      else redirect(response, status, '/0')
    })
    await http.post('/307', { json: { a: 1 } })
    await http.patch('/308', { json: { a: 2 } })
    await http.post('/303', { json: { a: 3 } })
    for (const status of [301, 302]) {
      await expect(http.post(`/${status}`, { json: {} })).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status })
    }
    const landed = server.requests.filter(({ url }) => url === '/0')
    expect(landed).toMatchObject([
      { method: 'POST', body: '{"a":1}' },
      { method: 'PATCH', body: '{"a":2}' },
      { method: 'GET', body: '' },
    ])
    expect(landed[2]?.headers).not.toHaveProperty('content-type')
  })
})

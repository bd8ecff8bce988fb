import { describe, expect, it } from 'vitest'
import { answerJson, connectHttpClient } from '../../support/connect-http-client.ts'

describe('a failed answer', () => {
  it.each([
    [400, 'PROVIDER_REJECTED'],
    [401, 'AUTHENTICATION_FAILED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'PROVIDER_REJECTED'],
    [408, 'PROVIDER_UNAVAILABLE'],
    [409, 'PROVIDER_REJECTED'],
    [422, 'PROVIDER_REJECTED'],
    [429, 'RATE_LIMITED'],
    [500, 'PROVIDER_UNAVAILABLE'],
    [503, 'PROVIDER_UNAVAILABLE'],
  ])('with status %i is %s', async (status, code) => {
    const { http } = await connectHttpClient(
      (_request, response) => answerJson(response, status, { message: 'said so' }),
      {
        retries: 0,
      },
    )
    await expect(http.get('/thing?token=hunter2', { query: { key: 'hunter3' } })).rejects.toMatchObject({
      code,
      status,
      message: `GET /thing answered ${status}: said so`,
    })
  })

  it.each([
    ['120', 120_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('tells how long to wait: Retry-After %s is %s ms', async (header, retryAfterMs) => {
    const { http } = await connectHttpClient(
      (_request, response) => {
        response.sendDate = false
        answerJson(response, 429, {}, { 'retry-after': header })
      },
      { retries: 0 },
    )
    await expect(http.get('/')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs })
  })

  it('counts a Retry-After date from the clock of the server, where it tells', async () => {
    const headers = { date: 'Thu, 01 Jan 2026 05:00:00 GMT', 'retry-after': 'Thu, 01 Jan 2026 05:01:00 GMT' }
    const { http } = await connectHttpClient((_request, response) => answerJson(response, 429, {}, headers), {
      retries: 0,
    })
    await expect(http.get('/')).rejects.toMatchObject({ retryAfterMs: 60_000 })
  })

  it('means what the provider says it means, a 200 included', async () => {
    const { http } = await connectHttpClient(
      (request, response) => answerJson(response, Number(request.url.slice(1)), { error: { message: 'bad token' } }),
      {
        retries: 0,
        errors: {
          404: 'authentication',
          418: () => ({ failure: 'rateLimited', retryAfterMs: 7 }),
          400: () => undefined,
          409: () => ({ failure: 'rejected', status: 404 }),
          200: ({ text }) => (text.includes('bad token') ? 'authentication' : undefined),
        },
      },
    )
    await expect(http.get('/404')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED', status: 404 })
    await expect(http.get('/418')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7 })
    await expect(http.get('/400')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status: 400 })
    await expect(http.get('/409')).rejects.toMatchObject({ code: 'PROVIDER_REJECTED', status: 404 })
    await expect(http.get('/200')).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED', status: 200 })
  })

  it('is told in one short line without query strings, secrets or HTML', async () => {
    const bodies = [
      JSON.stringify({
        message: `token s3cret-token is bad,\nsee https://x.example/y?code=hunter2 ${'x'.repeat(500)}`,
      }),
      '<html>hunter2</html>',
      JSON.stringify({ errors: [{ detail: 'first' }] }),
      '{"error":',
    ]
    const { http } = await connectHttpClient((_request, response, count) => {
      response.writeHead(400)
      response.end(bodies[count - 1])
    })
    const messages: string[] = []
    for (const _ of bodies) {
      messages.push(await http.get('/x').then(String, (error: Error) => error.message))
    }
    expect(messages[0]).toMatch(/^GET \/x answered 400: token \[redacted\] is bad, see https:\/\/x\.example\/y x+…$/)
    expect(messages[0]?.length).toBeLessThan(230)
    expect(messages.slice(1)).toEqual(['GET /x answered 400.', 'GET /x answered 400: first', 'GET /x answered 400.'])
  })

  it('has no secret in any spelling', async () => {
    const token = 'p@ss/w\u00f6rd with "quotes"'
    const auth = { sign: () => ({}), secrets: [token] }
    const spellings = [
      token,
      encodeURIComponent(token),
      new URLSearchParams({ t: token }).toString().slice(2),
      JSON.stringify(token).slice(1, -1),
      Buffer.from(token).toString('hex'),
    ]
    const { http } = await connectHttpClient(
      (_request, response, count) => answerJson(response, 400, { message: `no <${spellings[count - 1]}>` }),
      { auth },
    )
    for (const _ of spellings) {
      await expect(http.get('/x')).rejects.toThrow('GET /x answered 400: no <[redacted]>')
    }
    const basic64 = Buffer.from(`user:${token}`).toString('base64')
    const { http: other } = await connectHttpClient(
      (_request, response) => answerJson(response, 400, { message: basic64 }),
      { auth },
    )
    // How the spelling begins and ends depends on its neighbours.
    await expect(other.get('/x')).rejects.toThrow(/: \S{1,8}\[redacted\]\S{0,3}$/)
  })
})

import { signatures } from 'bapp-connectors/providers'
import { signWebhook } from 'bapp-connectors/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StartedApp, startApp } from './start-app.ts'

const webhookSecret = 'secret-of-the-webhook'
const appSecret = 'secret-of-the-app'
const cronSecret = 'secret-of-the-scheduler'
const issue = '{ "action":"opened",\r\n\t"n": 1.0, "n": 1e400, "id": 9007199254740993 }  \n'
const genuine = {
  'JSON with odd spaces, a key twice and numbers that JavaScript would round': [issue, 'application/json'],
  'bytes that are no UTF-8': [Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x80, 0x0d, 0x0a]), 'application/json'],
  'JSON with a byte order mark': ['\uFEFF{"action":"opened"}', 'application/json; charset=utf-8'],
  'a character set that nobody knows': [issue, 'application/json; charset=klingon'],
  'a form': ['payload=%7B%22action%22%3A+%22opened%22%7D&a&a=', 'application/x-www-form-urlencoded'],
  'plain text': ['hello', 'text/plain'],
  'no type at all': [issue, null],
  'more than body parsers allow': [JSON.stringify({ action: 'opened', text: 'ö'.repeat(400_000) }), 'application/json'],
} as const

describe.each(['express', 'fastify', 'hono', 'nestjs', 'next-style', 'serverless'])('%s', (name) => {
  let app: StartedApp
  let connectionId: string
  const tenant = { 'x-tenant': 'acme' }

  beforeAll(async () => {
    app = await startApp(name, { CRON_SECRET: cronSecret, DROPBOX_APP_SECRET: appSecret })
    const response = await fetch(`${app.origin}/api/connections`, {
      method: 'POST',
      headers: { ...tenant, 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'token', repository: 'acme/shop', webhookSecret }),
    })
    expect(response.status).toBe(201)
    connectionId = ((await response.json()) as { id: string }).id
  }, 60_000)
  afterAll(() => app?.stop())

  const deliver = async (
    body: string | Uint8Array,
    { type = 'application/json' as string | null, secret = webhookSecret, path = `/webhooks/${connectionId}` } = {},
  ) => {
    const rawBody = Buffer.from(body)
    const headers = new Headers(signWebhook(signatures.github, { rawBody, secret, now: new Date() }))
    headers.set('x-github-event', 'issues')
    if (type !== null) headers.set('content-type', type)
    const response = await fetch(`${app.origin}${path}`, { method: 'POST', headers, body: rawBody })
    return { status: response.status, text: await response.text() }
  }
  const stored = async () => {
    const response = await fetch(`${app.origin}/api/connections/${connectionId}/deliveries`, { headers: tenant })
    return (await response.json()) as { eventType: string; status: string; body: string }[]
  }

  test.each(Object.entries(genuine))(
    'a genuine delivery is accepted and kept byte by byte: %s',
    async (_, [body, type]) => {
      expect(await deliver(body, { type })).toEqual({ status: 200, text: '' })
      expect((await stored()).map((delivery) => delivery.body)).toContain(Buffer.from(body).toString('base64'))
    },
  )

  test('a delivery is handled by the application', async () => {
    expect((await deliver('{"action":"closed"}', { path: `/webhooks/${connectionId}/issues?a=b` })).status).toBe(200)
    const status = async () => (await stored()).find(({ eventType }) => eventType === 'issues.closed')?.status
    await expect.poll(status, { timeout: 10_000 }).toBe('processed')
    expect(app.output()).toContain('acme: issues.closed')
  })

  test('what is forged or far too large is refused, and told so', async () => {
    expect(await deliver('{"action":"deleted"}', { secret: 'guessed' })).toEqual({
      status: 401,
      text: 'unauthorized\n',
    })
    expect(await deliver('x'.repeat(1_048_577))).toEqual({ status: 413, text: 'body too large\n' })
    expect(await deliver('x'.repeat(20_000_000))).toEqual({ status: 413, text: 'body too large\n' })
    expect((await deliver(issue)).status).toBe(200)
  })

  test('a service that asks by GET whether somebody is there hears it, and delivers for an app to one address', async () => {
    const address = `${app.origin}/webhooks/app/dropbox`
    const asked = await fetch(`${address}?challenge=a%2Bb%26c`)
    expect([asked.status, asked.headers.get('content-type'), await asked.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'a+b&c',
    ])
    const rawBody = Buffer.from('{"list_folder":{"accounts":["dbid:nobody"]}}')
    const send = (secret: string) => {
      const headers = signWebhook(signatures.dropbox, { rawBody, secret, now: new Date() })
      return fetch(address, { method: 'POST', headers, body: rawBody })
    }
    expect((await send(appSecret)).status).toBe(200)
    expect((await send('guessed')).status).toBe(401)
  })

  test('GET and the callback of OAuth reach the handler', async () => {
    const get = await fetch(`${app.origin}/webhooks/${connectionId}?hub.challenge=1`)
    expect([get.status, await get.text()]).toEqual([405, 'method not allowed\n'])
    const read = async (path: string) => (await fetch(`${app.origin}${path}`)).text()
    const callback = await read('/oauth/callback/github?state=made-up&code=1')
    // The function of the serverless one gives the handler all that it doesn't know itself.
    if (name !== 'serverless') expect(callback).not.toBe(await read('/nowhere'))
    expect(callback).not.toMatch(/Cannot GET|Route GET/)
  })
})

test('the function is told by a scheduler what is due, and by nobody else', async () => {
  const app = await startApp('serverless', { CRON_SECRET: cronSecret })
  try {
    const call = (authorization: string) => fetch(`${app.origin}/cron`, { method: 'POST', headers: { authorization } })
    for (const forged of ['', 'Bearer ', 'Bearer undefined', `Bearer ${cronSecret}s`]) {
      expect((await call(forged)).status).toBe(401)
    }
    const response = await call(`Bearer ${cronSecret}`)
    expect([response.status, await response.json()]).toEqual([200, { syncs: 0, webhooks: 0 }])
  } finally {
    await app.stop()
  }
})

import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { WebhookSupport } from '../../src/core/domain/provider.ts'
import { challenges } from '../../src/providers/kit/challenges.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../src/testing/sign-webhook.ts'
import { type ShopEvent, shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery, webhookSecret } from '../support/shop-world.ts'

type Support = WebhookSupport<ShopEvent>

async function worldAsking(challenge: NonNullable<Support['challenge']>, more: Partial<Support> = {}) {
  if (shop.webhooks === null) throw new Error('the test shop has webhooks')
  const repositories = memoryRepositories<string>()
  const options = { providers: [{ ...shop, webhooks: { ...shop.webhooks, ...more, challenge } }] as const }
  const world = await createShopWorldOver(repositories, options)
  const elsewhere = await createShopWorldOver(repositories, options)
  const { id } = await world.connect('acme', { test: false })
  const ask = async (query: string, init: RequestInit = {}) => {
    const response = await world.connectors.handler(new Request(`https://app.test/webhooks/${id}${query}`, init))
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
      response,
    }
  }
  const stored = async () => (await world.connectors.operator.webhooks.list().page()).items
  return { ...world, elsewhere, id, ask, stored }
}
const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const slackPing = json({ type: 'url_verification', token: 'x', challenge: '3eZbrw1aBm2rZgRNFdxV' })

test('Meta asks by GET with a verify token, and gets its challenge back as text that no browser takes for a page', async () => {
  const { ask, stored, eventsOf } = await worldAsking(challenges.meta('let me in'))
  const query = '?hub.mode=subscribe&hub.verify_token=let+me+in&hub.challenge=%3Cb%3E1158201444'
  const { status, body, type, response } = await ask(query)
  expect({ status, body, type }).toEqual({ status: 200, body: '<b>1158201444', type: 'text/plain; charset=utf-8' })
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  for (const wrong of [
    '?hub.mode=subscribe&hub.verify_token=let+me+out&hub.challenge=1',
    '?hub.mode=subscribe&hub.challenge=1',
    '?hub.mode=unsubscribe&hub.verify_token=let+me+in&hub.challenge=1',
    '?hub.mode=subscribe&hub.verify_token=let+me+in',
    '',
  ]) {
    expect(await ask(wrong), wrong).toMatchObject({ status: 405 })
  }
  expect(await ask(query, { method: 'POST', body: '' })).toMatchObject({ status: 401 })
  expect(eventsOf('webhook.rejected')).toHaveLength(1)
  expect((await stored()).map(({ status }) => status)).toEqual(['rejected'])
})

test('without a verify token nobody is told anything', async () => {
  const { ask } = await worldAsking(challenges.meta(''))
  expect(await ask('?hub.mode=subscribe&hub.verify_token=&hub.challenge=1')).toMatchObject({ status: 405 })
})

test('Dropbox asks by GET', async () => {
  const { ask, stored } = await worldAsking(challenges.dropbox)
  expect(await ask('?challenge=abc123')).toMatchObject({ status: 200, body: 'abc123' })
  expect(await ask('')).toMatchObject({ status: 405 })
  expect(await stored()).toEqual([])
})

test('Slack asks in a signed delivery; one that is not signed is rejected', async () => {
  const { ask, stored, clock } = await worldAsking(challenges.slack, { signature: signatures.slack, deliveryId: null })
  const sign = (rawBody: Uint8Array) =>
    signWebhook(signatures.slack, { rawBody, secret: webhookSecret, now: clock.now() })
  expect(await ask('', { method: 'POST', headers: sign(slackPing), body: slackPing })).toMatchObject({
    status: 200,
    body: '3eZbrw1aBm2rZgRNFdxV',
  })
  expect(await stored()).toEqual([])
  expect(await ask('', { method: 'POST', body: slackPing })).toMatchObject({ status: 401 })
  const event = json({ type: 'order.created', orderId: 'o1', challenge: 'x' })
  expect(await ask('', { method: 'POST', headers: sign(event), body: event })).toMatchObject({ status: 200, body: '' })
  expect((await stored()).map(({ status }) => status)).toEqual(['unhandled', 'rejected'])
})

test('a challenge that is signed with a secret which another process has just taken is answered too', async () => {
  const { ask, clock, elsewhere, id } = await worldAsking(challenges.slack, {
    signature: signatures.slack,
    deliveryId: null,
  })
  // Fills the copy.
  await ask('', { method: 'POST', body: slackPing })
  const { connections } = elsewhere.connectors.forTenant('acme')
  await connections.rotateWebhookSecret(id, { secret: 'a new secret of Slack' })
  const headers = signWebhook(signatures.slack, {
    rawBody: slackPing,
    secret: 'a new secret of Slack',
    now: clock.now(),
  })
  const answer = await ask('', { method: 'POST', headers, body: slackPing })
  expect(answer).toMatchObject({ status: 200, body: '3eZbrw1aBm2rZgRNFdxV' })
})

describe('Discord', () => {
  test('pings are answered only if they are signed', () => {
    const question = { headers: {}, method: 'POST', query: {}, secrets: [] } as const
    const asks = (value: unknown, isSigned = true) =>
      challenges.discord({ ...question, rawBody: json(value), isSigned })
    expect(asks({ version: 1, application_id: '1', type: 0 })).toEqual({ status: 204, body: '' })
    expect(asks({ id: '1', type: 1, version: 1 })).toEqual({ contentType: 'application/json', body: '{"type":1}' })
    expect(asks({ type: 0 }, false)).toBeNull()
    expect(asks({ type: 1 }, false)).toBeNull()
    expect(asks({ version: 1, type: 1, event: { type: 'ENTITLEMENT_CREATE' } })).toBeNull()
    for (const odd of [null, 1, 'x', [], [{ type: 1 }], {}]) expect(asks(odd)).toBeNull()
  })
})

test('an answer may have a status and a type of its own, and no body', async () => {
  const answers = [
    { status: 204, body: '' },
    { contentType: 'application/json', body: '{"type":1}' },
  ]
  const { ask } = await worldAsking(() => answers.shift() ?? null)
  expect(await ask('')).toMatchObject({ status: 204, body: '' })
  expect(await ask('', { method: 'POST', body: '' })).toMatchObject({ status: 200, type: 'application/json' })
})

test('a challenge is told the secrets, for services that want a proof of them', async () => {
  const seen: unknown[] = []
  const { ask } = await worldAsking(({ method, query, secrets, isSigned }) => {
    seen.push({ method, query, secrets, isSigned })
    return 'ok'
  })
  await ask('?a=1&a=2&b=')
  await ask('', { method: 'POST', ...shopDelivery('{}') } as RequestInit)
  expect(seen).toEqual([
    { method: 'GET', query: { a: '2', b: '' }, secrets: [webhookSecret], isSigned: false },
    { method: 'POST', query: {}, secrets: [webhookSecret], isSigned: true },
  ])
})

test('a challenge that throws is none', async () => {
  const { ask, stored } = await worldAsking(() => {
    throw new Error('not today')
  })
  expect(await ask('?challenge=1')).toMatchObject({ status: 405 })
  const { headers, body } = shopDelivery('{"type":"order.created","orderId":"o1"}')
  expect(await ask('', { method: 'POST', headers, body: Buffer.from(body) })).toMatchObject({ status: 200 })
  expect(await stored()).toHaveLength(1)
})

test('a route of your own hands in the method and the URL', async () => {
  const { connectors, id } = await worldAsking(challenges.dropbox)
  const delivery = { headers: {}, body: new Uint8Array(), url: 'https://app.test/hooks?challenge=abc' } as const
  const { webhooks } = connectors.operator
  expect(await webhooks.receive(id, { ...delivery, method: 'GET' })).toEqual({
    status: 'challenge',
    signatureValid: false,
    answer: { status: 200, contentType: 'text/plain; charset=utf-8', body: 'abc' },
  })
  expect(await webhooks.receive(id, delivery)).toMatchObject({ status: 'rejected' })
  // @ts-expect-error no method of a delivery
  await expect(webhooks.receive(id, { ...delivery, method: 'PUT' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

import { describe, expect, test } from 'vitest'
import type { DeliveryIdSource } from '../../src/core/domain/provider.ts'
import type { SignatureScheme } from '../../src/core/domain/signature.ts'
import type { IncomingDelivery } from '../../src/core/domain/webhook-outcome.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../src/testing/sign-webhook.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, webhookSecret } from '../support/shop-world.ts'

const body = Buffer.from('{"id":"evt_1","type":"order.created","orderId":"o1"}')
const other = Buffer.from('{"id":"evt_1","type":"order.created","orderId":"o2"}')
const url = 'https://app.example/webhooks/1'

/** A connection whose provider signs its webhooks in another way. */
async function receiver(
  signature: SignatureScheme,
  deliveryId: DeliveryIdSource | null = null,
  options: Parameters<typeof createShopWorld>[0] = {},
) {
  const world = await createShopWorld({
    ...options,
    providers: [{ ...shop, webhooks: { ...shop.webhooks!, signature, deliveryId } }],
  })
  const { id } = await world.connect('acme', { test: false })
  const { webhooks } = world.connectors.forTenant('acme')
  return {
    ...world,
    id,
    webhooks,
    receive: (delivery: IncomingDelivery) => webhooks.receive(id, delivery),
    sign: (rawBody: Uint8Array = body, more: { readonly id?: string } = {}) =>
      signWebhook(signature, { rawBody, secret: webhookSecret, now: world.clock.now(), url, ...more }),
  }
}

describe('a signed instant', () => {
  test('is compared with the clock of the library', async () => {
    const { receive, sign, clock } = await receiver(signatures.stripe)
    const headers = sign()
    await clock.advance(300_000)
    expect(await receive({ headers, body })).toMatchObject({ status: 'accepted' })
    await clock.advance(1)
    expect(await receive({ headers, body })).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('300 s ago'),
    })
  })
})

describe('a signed URL', () => {
  test('is that of the request, or the one that is said', async () => {
    const { receive, sign } = await receiver(signatures.square)
    const headers = sign()
    expect(await receive(new Request(url, { method: 'POST', headers, body }))).toMatchObject({ status: 'accepted' })
    expect(await receive({ headers, body, url })).toMatchObject({ status: 'duplicate' })
    expect(await receive({ headers, body, url: `${url}?` })).toMatchObject({ status: 'rejected' })
    expect(await receive({ headers, body })).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('URL'),
    })
    await expect(receive({ headers, body, url: '/webhooks/1' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('a signed URL behind a proxy', () => {
  const squareAt = (webhooks: { readonly baseUrl: string; readonly path?: string }) =>
    receiver(signatures.square, null, { webhooks })
  const signed = (publicUrl: string) =>
    signWebhook(signatures.square, { rawBody: body, secret: webhookSecret, now: new Date(0), url: publicUrl })
  const post = (arrived: string, headers: Record<string, string>) =>
    new Request(arrived, { method: 'POST', headers, body })

  test.each([
    ['https://app.test/api/hooks', undefined, '/api/hooks/ID/a?b=%7e&c=+', 'https://app.test/api/hooks/ID/a?b=%7e&c=+'],
    ['https://hooks.test', '/webhooks', '/webhooks/ID', 'https://hooks.test/ID'],
    ['https://app.test/public', '/inner/hooks', '/inner/hooks/ID', 'https://app.test/public/ID'],
  ])('at %s, here %s, is what the provider was given', async (baseUrl, path, arrives, given) => {
    const { connectors, id, eventsOf } = await squareAt({ baseUrl, ...(path !== undefined && { path }) })
    const headers = signed(given.replace('ID', id))
    const arrived = `http://10.0.0.7:3000${arrives.replace('ID', id)}`
    expect(await connectors.handler(post(arrived, headers))).toMatchObject({ status: 200 })
    expect(eventsOf('webhook.received')).toHaveLength(1)
    expect(await connectors.handler(post(arrived, signed(arrived)))).toMatchObject({ status: 401 })
  })

  test('in a route of your own has the path of the request', async () => {
    const { receive } = await squareAt({ baseUrl: 'https://app.test/webhooks', path: '/in' })
    const headers = signed('https://app.test/square?a=1')
    expect(await receive(post('http://10.0.0.7:3000/square?a=1', headers))).toMatchObject({ status: 'accepted' })
    const beside = signed('https://app.test/inside')
    expect(await receive(post('http://10.0.0.7:3000/inside', beside))).toMatchObject({ status: 'duplicate' })
    const said = signed('https://other.test/x')
    expect(await receive({ headers: said, body, url: 'https://other.test/x' })).toMatchObject({ status: 'duplicate' })
  })
})

describe('several headers of one name', () => {
  test('count as one, whatever their case and order: none of them hides another', async () => {
    const { receive, sign } = await receiver(signatures.github)
    const [genuine = ''] = Object.values(sign())
    const name = 'x-hub-signature-256'
    for (const headers of [
      { [name]: genuine, 'X-Hub-Signature-256': 'sha256=0' },
      { [name]: 'sha256=0', 'X-Hub-Signature-256': genuine },
      { [name]: [genuine, 'sha256=0'] },
      new Headers([
        [name, 'sha256=0'],
        [name, genuine],
      ]),
    ]) {
      expect(await receive({ headers, body })).toMatchObject({ status: 'rejected' })
    }
    expect(await receive({ headers: { 'X-HUB-Signature-256': genuine }, body })).toMatchObject({ status: 'accepted' })
  })
})

describe('the id of a delivery', () => {
  test('counts by itself where it is signed: in a header that the scheme covers', async () => {
    const { receive, connectors, id, clock } = await receiver(signatures.standardWebhooks, {
      header: 'webhook-id',
      isSigned: true,
    })
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    await connectors.operator.connections.rotateWebhookSecret(id, { secret, graceMs: 0 })
    const send = (rawBody: Uint8Array, messageId: string) =>
      receive({
        headers: signWebhook(signatures.standardWebhooks, { rawBody, secret, now: clock.now(), id: messageId }),
        body: rawBody,
      })
    expect(await send(body, 'msg_1')).toMatchObject({ status: 'accepted' })
    // Signed anew for another attempt.
    await clock.advance(60_000)
    expect(await send(body, 'msg_1')).toMatchObject({ status: 'duplicate' })
    expect(await send(body, 'msg_2')).toMatchObject({ status: 'accepted' })
  })

  test('counts by itself in a signed body: another attempt may differ in the rest', async () => {
    const { receive, sign } = await receiver(signatures.stripe, { body: 'id' })
    const [first, second] = [body, Buffer.from('{"id":"evt_1","pending_webhooks":2}')]
    expect(await receive({ headers: sign(first), body: first })).toMatchObject({ status: 'accepted' })
    expect(await receive({ headers: sign(second), body: second })).toMatchObject({ status: 'duplicate' })
    const third = Buffer.from('{"id":"evt_2"}')
    expect(await receive({ headers: sign(third), body: third })).toMatchObject({ status: 'accepted' })
  })

  test.each([
    ['missing', '{"a":1}', '{"a":2}'],
    ['empty', '{"id":"","a":1}', '{"id":"","a":2}'],
    ['inherited', '{"a":1}', '{"a":2}'],
    ['a number beyond what JSON.parse keeps exactly', '{"id":90071992547409931}', '{"id":90071992547409932}'],
    ['an object', '{"id":{},"a":1}', '{"id":{},"a":2}'],
    ['in no JSON', 'id=1', 'id=2'],
  ])('that is %s leaves the whole body to tell deliveries apart', async (what, first, second) => {
    const { receive, sign } = await receiver(signatures.stripe, { body: what === 'inherited' ? 'toString' : 'id' })
    for (const text of [first, second]) {
      const rawBody = Buffer.from(text)
      expect(await receive({ headers: sign(rawBody), body: rawBody })).toMatchObject({ status: 'accepted' })
      expect(await receive({ headers: sign(rawBody), body: rawBody })).toMatchObject({ status: 'duplicate' })
    }
  })

  test('takes no place by itself where nothing signs the body', async () => {
    const { receive, sign } = await receiver({ kind: 'token', header: 'x-token' }, { body: 'id' })
    expect(await receive({ headers: sign(), body })).toMatchObject({ status: 'accepted' })
    expect(await receive({ headers: sign(), body: other })).toMatchObject({ status: 'accepted' })
  })
})

describe('a token', () => {
  test('right or wrong, is in no row, event or log line', async () => {
    const { receive, webhooks, events, logLines } = await receiver({ kind: 'token', header: 'x-shop-hook' })
    expect(await receive({ headers: { 'X-Shop-Hook': webhookSecret }, body })).toMatchObject({ status: 'accepted' })
    expect(await receive({ headers: { 'X-Shop-Hook': 'token-of-another' }, body })).toMatchObject({
      status: 'rejected',
    })
    const { items } = await webhooks.list().page()
    expect(items.map(({ headers }) => headers['x-shop-hook'])).toEqual(['[redacted]', '[redacted]'])
    const told = JSON.stringify([items, events, logLines])
    expect(told).not.toContain(webhookSecret)
    expect(told).not.toContain('token-of-another')
  })
})

describe('a provider that signs nothing', () => {
  test('is believed without a secret, and the rows say that nothing was signed', async () => {
    const { receive, webhooks } = await receiver({ kind: 'unsigned' })
    expect(await receive({ headers: {}, body })).toMatchObject({ status: 'accepted', signatureValid: false })
    const { items } = await webhooks.list().page()
    expect(items).toMatchObject([{ status: 'received', signatureValid: false }])
  })
})

describe("a provider's own function", () => {
  test('is given bytes, headers, URL, live secrets and the instant; what it throws rejects', async () => {
    let given: unknown
    const { receive, clock, eventsOf } = await receiver({
      kind: 'custom',
      verify: (delivery) => {
        given = delivery
        if (delivery.headers['x-trap'] !== undefined) throw new Error(`no luck with ${delivery.secrets[0]}`)
        return true
      },
    })
    expect(await receive({ headers: { 'X-A': '1' }, body, url })).toMatchObject({ status: 'accepted' })
    expect(given).toEqual({ rawBody: body, headers: { 'x-a': '1' }, url, secrets: [webhookSecret], now: clock.now() })
    const rejected = await receive({ headers: { 'X-Trap': '1' }, body: other })
    expect(rejected).toEqual({ status: 'rejected', signatureValid: false, reason: "the provider's verify threw" })
    expect(JSON.stringify(eventsOf('webhook.rejected'))).not.toContain(webhookSecret)
  })
})

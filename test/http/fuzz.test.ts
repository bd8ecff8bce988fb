import { createHmac, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SignatureScheme } from '../../src/core/domain/signature.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../src/testing/sign-webhook.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, shopDelivery, webhookSecret } from '../support/shop-world.ts'

const genuine = shopDelivery('{"type":"order.created","orderId":"o1"}')
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
)
/** What a header may hold at all; the rest doesn't get through any HTTP library. */
const headerValue = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 100 }),
  fc.constantFrom(...Object.values(genuine.headers), 't=1,v1=ab', 'sha256=', 'v0=', 'v1,', '=,;'),
)
const headerName = fc.constantFrom(
  ...Object.keys(genuine.headers),
  ...['X-Hub-Signature-256', 'stripe-signature', 'x-slack-signature', 'x-slack-request-timestamp', 'webhook-id'],
  ...['webhook-signature', 'webhook-timestamp', 'x-twilio-signature', 'x-gitlab-token', 'content-length', '__proto__'],
)

/** A secret that the scheme can use: with another nothing would be accepted anyway. */
function usableSecret(signature: SignatureScheme) {
  if (signature.kind === 'standard-webhooks') {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    return { signing: secret, verifying: secret }
  }
  if (signature.kind !== 'public-key') return { signing: webhookSecret, verifying: webhookSecret }
  const isEd25519 = signature.algorithm === 'ed25519'
  const { publicKey, privateKey } = isEd25519
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  return {
    signing: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    verifying: isEd25519 ? spki.subarray(-32).toString('hex') : spki.toString('base64'),
  }
}

test.each(['own', ...Object.keys(signatures)])(
  'signed as by %s: nothing that was made up is accepted, ends in an error of ours, or harms what is genuine',
  async (name) => {
    if (shop.webhooks === null) throw new Error('the test shop has webhooks')
    // Every key of `signatures` is the name of one; any other is the scheme of the shop itself.
    const signature = signatures[name as keyof typeof signatures] ?? shop.webhooks.signature
    const { connectors, connect, eventsOf, clock } = await createShopWorld({
      providers: [{ ...shop, webhooks: { ...shop.webhooks, signature } }],
      webhooks: { maxRejectedPerDay: 3 },
    })
    const { id } = await connect('acme', { test: false })
    const { signing, verifying } = usableSecret(signature)
    await connectors.operator.connections.rotateWebhookSecret(id, { secret: verifying, graceMs: 0 })
    const path = fc.oneof({ weight: 9, arbitrary: fc.constant(id) }, { weight: 1, arbitrary: fc.webPath() })
    const property = fc.asyncProperty(
      path,
      fc.array(fc.tuple(headerName, headerValue), { maxLength: 6 }),
      anyBytes,
      fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT'),
      async (to, headers, bytes, method) => {
        const url = `https://app.test/webhooks/${to}`
        const sent = new Headers(headers.filter(([header]) => header !== 'content-length'))
        const init = { method, headers: sent, ...(method !== 'GET' && { body: Buffer.from(bytes) }) }
        const { status } = await connectors.handler(new Request(url, init))
        expect([401, 404, 405]).toContain(status)
      },
    )
    await fc.assert(property, { numRuns: 150 })
    expect(eventsOf('webhook.received')).toEqual([])
    expect(await connectors.operator.webhooks.list({ status: 'received' }).all()).toEqual([])
    expect((await connectors.operator.webhooks.list().all()).length).toBeLessThanOrEqual(3)

    const [now, url] = [clock.now(), `https://app.test/webhooks/${id}`]
    const json = Buffer.from(JSON.stringify({ type: 'order.created', webhookTimestamp: now.getTime() }))
    const isTwilio = signature.kind === 'custom'
    const body = isTwilio ? Buffer.from('Body=hello') : json
    const headers = isTwilio
      ? { 'x-twilio-signature': createHmac('sha1', signing).update(`${url}Bodyhello`).digest('base64') }
      : signWebhook(signature, { rawBody: body, secret: signing, now, url })
    expect((await connectors.handler(new Request(url, { method: 'POST', headers, body }))).status).toBe(200)
    expect(eventsOf('webhook.received')).toHaveLength(1)
  },
)

test('no parts that were made up are accepted, whatever their types', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme', { test: false })
  const part = fc.record(
    {
      headers: fc.oneof(
        fc.constant(null),
        fc.dictionary(headerName, fc.anything({ withNullPrototype: true })),
        fc.anything(),
      ),
      body: fc.oneof(anyBytes, fc.anything()),
      url: fc.oneof(fc.webUrl(), fc.anything()),
      method: fc.oneof(fc.constantFrom('GET', 'POST'), fc.anything()),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(part, fc.anything()), async (delivery) => {
      const outcome = await connectors.operator.webhooks.receive(id, delivery as never).then(
        ({ status }) => status,
        (error: { readonly code?: string }) => error.code ?? String(error),
      )
      expect(['rejected', 'INVALID_INPUT']).toContain(outcome)
    }),
    { numRuns: 2_000 },
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, shopDelivery } from '../support/shop-world.ts'

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

test.each(['own', ...Object.keys(signatures)])(
  'signed as by %s: nothing that was made up is accepted, ends in an error of ours, or harms what is genuine',
  async (name) => {
    if (shop.webhooks === null) throw new Error('the test shop has webhooks')
    // Every key of `signatures` is the name of one; any other is the scheme of the shop itself.
    const signature = signatures[name as keyof typeof signatures] ?? shop.webhooks.signature
    const { connectors, connect, eventsOf } = await createShopWorld({
      providers: [{ ...shop, webhooks: { ...shop.webhooks, signature } }],
      webhooks: { maxRejectedPerDay: 3 },
    })
    const { id } = await connect('acme', { test: false })
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

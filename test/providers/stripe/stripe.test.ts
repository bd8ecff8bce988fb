import type { ServerResponse } from 'node:http'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import type { AdapterOf, ItemOf, ResourceOf, WebhookEventOf } from '../../../src/core/domain/provider.ts'
import { verifySignature } from '../../../src/core/domain/signature.ts'
import { type Payment, payerSchema, paymentSchema, refundSchema } from '../../../src/families/payment/index.ts'
import { type StripeEvent, stripe } from '../../../src/providers/stripe/stripe.ts'
import { moneyFromStripe, moneyToStripe } from '../../../src/providers/stripe/stripe-currency.ts'
import { signWebhook } from '../../../src/testing/index.ts'
import { createProviderContext } from '../../support/provider-context.ts'
import { type StripeServer, startStripeServer } from '../../support/stripe-server.ts'

async function given(settings: { accountId?: string } = {}, secretKey = 'sk_test_acme') {
  const server = await startStripeServer()
  onTestFinished(server.close)
  const { context, waits } = createProviderContext({ clock: () => new Date((server.clock + 3_600) * 1_000) })
  const parsed = stripe.settings.parse({ baseUrl: server.origin, ...settings })
  return { server, waits, adapter: stripe.build({ ...context, credentials: { secretKey }, settings: parsed }) }
}

/** Answers the first requests itself, in turn. */
function answering(server: StripeServer, ...answers: ((response: ServerResponse) => void)[]) {
  server.intercept = (_request, response) => {
    const answer = answers.shift()
    answer?.(response)
    return answer !== undefined
  }
}

const failure =
  (status: number, error: object = {}, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }))

const eur = (amount: string) => ({ amount, currency: 'EUR' })

describe('the types of the Stripe provider', () => {
  it('name its resources, their items and its events', () => {
    expectTypeOf<ResourceOf<typeof stripe>>().toEqualTypeOf<'payments' | 'charges' | 'refunds' | 'payers' | 'events'>()
    expectTypeOf<ItemOf<typeof stripe, 'payments'>>().toEqualTypeOf<Payment>()
    expectTypeOf<WebhookEventOf<typeof stripe>>().toEqualTypeOf<StripeEvent>()
    expectTypeOf<AdapterOf<typeof stripe>['getPayment']>().returns.resolves.toEqualTypeOf<Payment>()
  })
})

describe('credentials and settings', () => {
  it.each(['sk_test_abc', 'sk_live_abc', 'rk_live_abc'])('take %s', (secretKey) => {
    expect(stripe.credentials.safeParse({ secretKey }).success).toBe(true)
  })

  it.each(['pk_live_abc', 'whsec_abc', 'sk_test_a b', 'sk_test_', ''])('refuse %j', (secretKey) => {
    expect(stripe.credentials.safeParse({ secretKey }).success).toBe(false)
  })

  it('go to the default address, and refuse what is no account', () => {
    expect(stripe.settings.parse({})).toEqual({ baseUrl: 'https://api.stripe.com' })
    expect(stripe.settings.safeParse({ accountId: 'acme' }).success).toBe(false)
  })
})

describe('money', () => {
  it.each([
    [1234, 'eur', '12.34'],
    [500, 'jpy', '500'],
    [5120, 'kwd', '5.120'],
    [500, 'isk', '5.00'],
    [500, 'ugx', '5.00'],
    [0, 'usd', '0.00'],
  ])('%i %s is %s, and back', (units, currency, amount) => {
    expect(moneyFromStripe(units, currency)).toEqual({ amount, currency: currency.toUpperCase() })
    if (units > 0) expect(moneyToStripe({ amount, currency })).toBe(units)
  })

  it.each([
    ['12.345', 'EUR'],
    ['5.5', 'JPY'],
    ['5.50', 'ISK'],
    ['5.50', 'UGX'],
    ['5.124', 'KWD'],
    ['0', 'EUR'],
    ['-1', 'EUR'],
    ['1e3', 'EUR'],
    ['1', 'euro'],
    ['99999999999999999', 'EUR'],
  ])('refuses to ask for %s %s', (amount, currency) => {
    expect(() => moneyToStripe({ amount, currency })).toThrowError(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })
})

describe('requests', () => {
  it('carry the key, the pinned version and the connected account', async () => {
    const { server, adapter } = await given({ accountId: 'acct_globex' })
    await adapter.testConnection()
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer sk_test_acme',
      'stripe-version': '2025-07-30.basil',
      'stripe-account': 'acct_globex',
    })
  })

  it('make a payment, form-encoded with fields in brackets, and keep its secret out of the raw data', async () => {
    const { server, adapter } = await given()
    const { payment, clientSecret } = await adapter.createPaymentIntent({
      amount: eur('12.34'),
      idempotencyKey: 'order-1',
      metadata: { order: 'ä 1&2' },
    })
    const form = new URLSearchParams(server.requests[0]?.body)
    expect(Object.fromEntries(form)).toEqual({
      amount: '1234',
      currency: 'eur',
      'metadata[order]': 'ä 1&2',
      'expand[0]': 'latest_charge',
    })
    expect(server.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(payment).toMatchObject({ amount: eur('12.34'), status: 'requires-action', metadata: { order: 'ä 1&2' } })
    expect(clientSecret).toBe(`${payment.externalId}_secret_1`)
    expect(JSON.stringify(payment)).not.toContain(clientSecret)
    expect(paymentSchema.safeParse(payment).success).toBe(true)
  })

  it('make one payment of one idempotency key, also after an answer that was lost', async () => {
    const { server, adapter } = await given()
    answering(server, (response) => response.destroy())
    const first = await adapter.createPaymentIntent({ amount: eur('1.00'), idempotencyKey: 'order-1' })
    const again = await adapter.createPaymentIntent({ amount: eur('1.00'), idempotencyKey: 'order-1' })
    expect(again).toEqual(first)
    expect(server.countOf('payment_intents')).toBe(1)
    expect(server.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['order-1', 'order-1', 'order-1'])
  })

  it('give back all, or a part in the currency of the payment', async () => {
    const { server, adapter } = await given()
    server.put('payment_intents', { id: 'pi_1', amount: 5_000, currency: 'jpy', status: 'succeeded' })
    const all = await adapter.refundPayment('pi_1', { idempotencyKey: 'r1', reason: 'duplicate' })
    expect(all).toMatchObject({ paymentExternalId: 'pi_1', status: 'succeeded', reason: 'duplicate' })
    expect(refundSchema.safeParse(all).success).toBe(true)
    await adapter.refundPayment('pi_1', { idempotencyKey: 'r2', amount: '500', reason: 'broken on arrival' })
    expect(Object.fromEntries(new URLSearchParams(server.requests.at(-1)?.body))).toEqual({
      payment_intent: 'pi_1',
      amount: '500',
      'metadata[reason]': 'broken on arrival',
    })
  })

  it('capture and cancel', async () => {
    const { server, adapter } = await given()
    server.put('payment_intents', { id: 'pi_1', amount: 500, currency: 'eur', status: 'requires_capture' })
    expect(await adapter.getPayment('pi_1')).toMatchObject({ status: 'authorised' })
    expect(await adapter.capturePayment('pi_1', { idempotencyKey: 'c1', amount: '3.00' })).toMatchObject({
      status: 'succeeded',
    })
    expect(server.requests.at(-1)?.body).toContain('amount_to_capture=300')
    server.put('payment_intents', { id: 'pi_2', amount: 500, currency: 'eur', status: 'requires_capture' })
    expect(await adapter.cancelPayment('pi_2', { idempotencyKey: 'c2' })).toMatchObject({ status: 'cancelled' })
  })

  it('make webhook endpoints, list and delete them', async () => {
    const { server, adapter } = await given()
    const url = 'https://acme.test/webhooks/1'
    const made = await adapter.createWebhookEndpoint({ url, eventTypes: ['a.b', 'c.d'], idempotencyKey: 'w1' })
    expect(made).toEqual({
      id: made.id,
      url,
      eventTypes: ['a.b', 'c.d'],
      isEnabled: true,
      secret: `whsec_of_${made.id}`,
    })
    expect(server.requests[0]?.body).toContain('api_version=2025-07-30.basil')
    expect(await adapter.listWebhookEndpoints()).toMatchObject([{ id: made.id, url }])
    await adapter.deleteWebhookEndpoint(made.id)
    expect(await adapter.listWebhookEndpoints()).toEqual([])
  })

  it.each(['../customers', 'pi_1/capture', 'pi 1', '', 'pi_1?expand'])('send no id %j', async (id) => {
    const { server, adapter } = await given()
    await expect(adapter.getPayment(id)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(server.requests).toEqual([])
  })

  it.each(['', 'a b', 'ü', 'x'.repeat(256)])('send no idempotency key %j', async (idempotencyKey) => {
    const { server, adapter } = await given()
    const refused = adapter.createPaymentIntent({ amount: eur('1'), idempotencyKey })
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(server.requests).toEqual([])
  })
})

describe('what Stripe answers', () => {
  it('becomes payments: a refusal is told from a fresh intent, an unknown status is null', async () => {
    const { server, adapter } = await given()
    const base = { amount: 100, currency: 'eur', status: 'requires_payment_method' }
    server.put('payment_intents', { id: 'pi_1', ...base, last_payment_error: { message: 'Your card was declined.' } })
    server.put('payment_intents', { id: 'pi_2', ...base })
    server.put('payment_intents', { id: 'pi_3', ...base, status: 'brand_new', latest_charge: 'ch_1' })
    const { items } = await adapter.getPayments()
    expect(items).toMatchObject([
      { externalId: 'pi_3', status: null, providerStatus: 'brand_new', amountRefunded: null },
      { externalId: 'pi_2', status: 'requires-action', failureReason: null, amountRefunded: eur('0.00') },
      { externalId: 'pi_1', status: 'failed', failureReason: 'Your card was declined.' },
    ])
    for (const item of items) expect(paymentSchema.safeParse(item).success).toBe(true)
  })

  it('becomes charges and payers', async () => {
    const { server, adapter } = await given()
    const charge = { amount: 100, amount_refunded: 0, currency: 'eur', status: 'succeeded', payment_intent: 'pi_1' }
    server.put('charges', { id: 'ch_1', ...charge, captured: false })
    expect(await adapter.getCharge('ch_1')).toMatchObject({ status: 'authorised', paymentExternalId: 'pi_1' })
    server.put('customers', { id: 'cus_1', email: 'a@acme.test', name: null })
    const { items } = await adapter.getPayers()
    expect(items).toMatchObject([{ externalId: 'cus_1', email: 'a@acme.test', raw: { created: server.clock } }])
    expect(payerSchema.safeParse(items[0]).success).toBe(true)
  })

  it.each([
    [401, {}, 'AUTHENTICATION_FAILED'],
    [403, {}, 'PERMISSION_DENIED'],
    [429, { code: 'rate_limit' }, 'RATE_LIMITED'],
    [400, { code: 'parameter_missing', param: 'amount' }, 'PROVIDER_REJECTED'],
    [402, { code: 'card_declined', decline_code: 'insufficient_funds' }, 'PROVIDER_REJECTED'],
    [404, { code: 'resource_missing' }, 'PROVIDER_REJECTED'],
  ])('%i %j is %s', async (status, error, code) => {
    const { server, adapter } = await given()
    answering(server, failure(status, { message: 'No.', ...error }, { 'request-id': 'req_1' }))
    const thrown = await adapter.getPayment('pi_1').catch((cause: unknown) => cause)
    expect(thrown).toMatchObject({ code, status })
    // The reader of a log needs the code and the parameter, Stripe's support the request.
    for (const told of [...Object.values(error), 'request req_1', 'No.']) expect(String(thrown)).toContain(told)
  })

  it.each([
    [409, { code: 'idempotency_key_in_use' }],
    [429, { code: 'lock_timeout' }],
    [424, {}],
    [500, {}],
  ])('%i %j passes: it is tried again', async (status, error) => {
    const { server, adapter, waits } = await given()
    answering(server, failure(status, error), failure(status, error))
    await adapter.createPaymentIntent({ amount: eur('1.00'), idempotencyKey: 'order-1' })
    expect(server.requests).toHaveLength(3)
    expect(waits).toHaveLength(2)
  })

  it('holds no key, not even where Stripe repeats it', async () => {
    const { adapter } = await given({}, 'sk_test_wrong')
    const thrown = await adapter.testConnection().catch((cause: unknown) => cause)
    expect(thrown).toMatchObject({ code: 'AUTHENTICATION_FAILED' })
    expect(String(thrown)).toContain('Invalid API Key')
    expect(String(thrown)).not.toContain('sk_test_wrong')
  })
})

describe('webhooks', () => {
  // The provider declares them.
  const { webhooks } = stripe as { webhooks: NonNullable<typeof stripe.webhooks> }
  const secrets = ['whsec_test']
  const now = new Date('2026-01-01T00:00:00Z')
  const event = {
    id: 'evt_1',
    object: 'event',
    api_version: '2025-07-30.basil',
    type: 'customer.updated',
    created: 1_767_225_600,
    livemode: true,
    account: 'acct_globex',
    data: { object: { id: 'cus_1', email: 'new@acme.test' }, previous_attributes: { email: 'old@acme.test' } },
  }
  const deliver = (body: unknown) => {
    const rawBody = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    return { rawBody, headers: signWebhook(webhooks.signature, { rawBody, secret: 'whsec_test', now }) }
  }
  it('are genuine within five minutes, and only unchanged', () => {
    const { rawBody, headers } = deliver(event)
    const at = (ms: number, body: Uint8Array = rawBody) =>
      verifySignature(webhooks.signature, {
        rawBody: body,
        headers,
        url: null,
        secrets,
        now: new Date(now.getTime() + ms),
      })
    expect(at(0)).toEqual({ isValid: true })
    expect(at(301_000)).toMatchObject({ isValid: false })
    expect(at(0, Buffer.from(`${rawBody.toString()} `))).toMatchObject({ isValid: false })
  })

  it('are told apart by the id of the event, which is signed', () => {
    expect(webhooks.deliveryId).toEqual({ body: 'id' })
  })

  it('are read: what, where, and how it was before', () => {
    expect(webhooks.parse(deliver(event))).toEqual({
      type: 'customer.updated',
      id: 'evt_1',
      account: 'acct_globex',
      apiVersion: '2025-07-30.basil',
      livemode: true,
      createdAt: now,
      object: event.data.object,
      previousAttributes: event.data.previous_attributes,
      payload: event,
    })
  })

  it('keep the type as it is, and have one where the body has none', () => {
    expect(webhooks.eventType({}, event)).toBe('customer.updated')
    for (const body of [undefined, null, [], 'text', {}, { type: 1 }])
      expect(webhooks.eventType({}, body)).toBe('unknown')
  })

  it.each(['{', '[]', '{"id":"evt_1"}', '"text"'])('refuse %s', (body) => {
    expect(() => webhooks.parse(deliver(body))).toThrowError(expect.objectContaining({ code: 'PROVIDER_FAILED' }))
  })
})

import { expect, test } from 'vitest'
import type { DeliveryIdSource } from '../../src/core/domain/provider.ts'
import type { SignatureScheme } from '../../src/core/domain/signature.ts'
import type { ReceiveOverrides } from '../../src/core/domain/webhook-outcome.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../src/testing/sign-webhook.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld, shopDelivery, webhookSecret } from '../support/shop-world.ts'

const body = Buffer.from('{"id":"evt_1","type":"order.created","orderId":"o1"}')

async function worldWithConnection(deliveryId: DeliveryIdSource | null = null) {
  if (shop.webhooks === null) throw new Error('the test shop has webhooks')
  const world = await createShopWorld({ providers: [{ ...shop, webhooks: { ...shop.webhooks, deliveryId } }] })
  const { id } = await world.connect('acme', { test: false })
  const { webhooks } = world.connectors.forTenant('acme')
  const sign = (scheme: SignatureScheme, secret: string, rawBody: Uint8Array = body) => ({
    headers: signWebhook(scheme, { rawBody, secret, now: world.clock.now(), id: 'msg_1' }),
    body: rawBody,
  })
  const receive = (delivery: ReturnType<typeof sign>, overrides: ReceiveOverrides) =>
    webhooks.receive(id, delivery, overrides)
  return { ...world, id, webhooks, sign, receive }
}

test('another scheme and other secrets replace those of provider and connection', async () => {
  const { receive, sign, webhooks } = await worldWithConnection()
  const bySlack = { scheme: signatures.slack, secrets: ['old', 'of the route'] }
  expect(await receive(sign(signatures.slack, 'of the route'), bySlack)).toMatchObject({
    status: 'accepted',
    signatureValid: true,
    event: { eventType: 'order.created', signatureValid: true },
  })
  for (const delivery of [
    sign(signatures.slack, webhookSecret),
    shopDelivery(body, { secret: 'of the route' }),
    shopDelivery(body),
  ]) {
    expect(await receive(delivery, bySlack)).toMatchObject({ status: 'rejected' })
  }
  expect(await webhooks.list({ status: 'received' }).all()).toHaveLength(1)
})

test('either can be replaced alone', async () => {
  const { receive, sign } = await worldWithConnection()
  const { slack } = signatures
  expect(await receive(sign(slack, webhookSecret), { scheme: slack })).toMatchObject({ status: 'accepted' })
  expect(await receive(sign(slack, 'x'), { scheme: slack })).toMatchObject({ status: 'rejected' })
  expect(await receive(shopDelivery(body, { secret: 'x' }), { secrets: ['x'] })).toMatchObject({ status: 'duplicate' })
  expect(await receive(shopDelivery(body), { secrets: ['x'] })).toMatchObject({ status: 'rejected' })
  expect(await receive(shopDelivery(body), {})).toMatchObject({ status: 'duplicate' })
})

test('no secrets accept nothing', async () => {
  const { receive } = await worldWithConnection()
  expect(await receive(shopDelivery(body), { secrets: [] })).toMatchObject({
    status: 'rejected',
    reason: expect.stringContaining('no webhook secret'),
  })
})

test('who asks for no signature gets rows that say so', async () => {
  const { receive } = await worldWithConnection()
  expect(await receive({ headers: {}, body }, { scheme: { kind: 'unsigned' } })).toMatchObject({
    status: 'accepted',
    signatureValid: false,
    event: { signatureValid: false },
  })
})

test('a token of another scheme is not stored either', async () => {
  const { receive, webhooks } = await worldWithConnection()
  const scheme = { kind: 'token', header: 'x-knock' } as const
  const delivery = { headers: { 'x-knock': 'sesame of the route' }, body }
  expect(await receive(delivery, { scheme, secrets: ['sesame of the route'] })).toMatchObject({ status: 'accepted' })
  expect(JSON.stringify(await webhooks.list().all())).not.toContain('sesame')
})

test('an id that only the provider signs counts with the body where another scheme is used', async () => {
  const { receive, sign } = await worldWithConnection({ header: 'webhook-id', isSigned: true })
  const other = Buffer.from('{"id":"evt_1","type":"order.created","orderId":"o2"}')
  const scheme = signatures.github
  const withId = ({ headers, ...rest }: ReturnType<typeof sign>) => ({
    ...rest,
    headers: { ...headers, 'webhook-id': '1' },
  })
  expect(await receive(withId(sign(scheme, webhookSecret)), { scheme })).toMatchObject({ status: 'accepted' })
  // A forger who has this body takes no other one's place.
  expect(await receive(withId(sign(scheme, webhookSecret, other)), { scheme })).toMatchObject({ status: 'accepted' })
  const covering = signatures.standardWebhooks
  const secret = `whsec_${Buffer.from(webhookSecret).toString('base64')}`
  expect(await receive(sign(covering, secret), { scheme: covering, secrets: [secret] })).toMatchObject({
    status: 'accepted',
  })
  expect(await receive(sign(covering, secret, other), { scheme: covering, secrets: [secret] })).toMatchObject({
    status: 'duplicate',
  })
})

test.each<[string, unknown, RegExp]>([
  ['a scheme that there is not', { scheme: { kind: 'hmca' } }, /scheme/],
  ['a scheme that is null', { scheme: null }, /scheme/],
  ['a scheme that leaves out the body', { scheme: { ...signatures.github, signed: [{ text: 'x' }] } }, /body/],
  ['a secret that is empty', { secrets: ['ok', ''] }, /secrets/],
  ['one secret as a text', { secrets: 'x' }, /secrets/],
  ['a mistyped key', { secret: ['x'] }, /unknown key "secret"/],
])('%s is a mistake, and not a rejection', async (_what, overrides, says) => {
  const { receive, webhooks } = await worldWithConnection()
  await expect(receive(shopDelivery(body), overrides as ReceiveOverrides)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(says),
  })
  expect(await webhooks.list().all()).toEqual([])
})

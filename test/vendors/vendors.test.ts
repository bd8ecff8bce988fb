import { createHash, generateKeyPairSync } from 'node:crypto'
import { parse } from 'node:querystring'
import { sign as signGitHub, verify as verifyGitHub } from '@octokit/webhooks-methods'
import { Paddle } from '@paddle/paddle-node-sdk'
import { EventWebhook } from '@sendgrid/eventwebhook'
import '@shopify/shopify-api/adapters/node'
import { ApiVersion, shopifyApi } from '@shopify/shopify-api'
import { isValidSlackRequest } from '@slack/bolt'
import { verifyKey } from 'discord-interactions'
import * as standardwebhooks from 'standardwebhooks'
import Stripe from 'stripe'
import * as svix from 'svix'
import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { verifySignature } from '../../src/core/domain/signature.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../src/testing/sign-webhook.ts'
import { describeVendor, shared } from './describe-vendor.ts'

const bodies = ['{"id":"evt_1","type":"order.created"}', '{"name":"Zoë 🧾","n":1.0}'] as const
const ask = (question: () => unknown) => {
  try {
    return question() !== false
  } catch {
    return false
  }
}

/** A key pair as the services show them: the public half in `form`, the private one for our signer. */
function keyPair(form: 'raw-hex' | 'spki-base64') {
  const { publicKey, privateKey } =
    form === 'raw-hex' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  return {
    signing: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    verifying: form === 'raw-hex' ? spki.subarray(-32).toString('hex') : spki.toString('base64'),
  }
}

describe('GitHub signs', () => {
  describeVendor({
    signature: signatures.github,
    keys: [shared('It is a secret'), shared('another')],
    bodies,
    instant: 'none',
    // Their code refuses to sign an empty body.
    sign: async ({ body, at }, secret) =>
      body === ''
        ? signWebhook(signatures.github, { rawBody: Buffer.from(''), secret, now: at })
        : { 'X-Hub-Signature-256': await signGitHub(secret, body) },
    accepts: ({ body, headers }, secret) =>
      verifyGitHub(secret, body, String(headers['X-Hub-Signature-256'])).catch(() => false),
  })
})

describe('Stripe signs', () => {
  const { webhooks } = Stripe
  const seconds = (at: Date) => Math.floor(at.getTime() / 1_000)
  describeVendor({
    signature: signatures.stripe,
    keys: [shared('whsec_one'), shared('whsec_two')],
    bodies,
    instant: 'signed, past checked',
    sign: ({ body, at }, secret) => ({
      'Stripe-Signature': webhooks.generateTestHeaderString({ payload: body, secret, timestamp: seconds(at) }),
    }),
    accepts: ({ body, headers }, secret) =>
      ask(() => webhooks.signature?.verifyHeader(body, String(headers['Stripe-Signature']), secret, 300)),
  })

  test('with two secrets while one is rotated', () => {
    const now = new Date('2026-03-01T12:00:00Z')
    const [payload, timestamp] = [bodies[0], seconds(now)]
    const [old, current] = ['whsec_old', 'whsec_new'].map((secret) =>
      webhooks.generateTestHeaderString({ payload, secret, timestamp }),
    )
    const headers = { 'stripe-signature': `${old},${current?.split(',')[1]}` }
    for (const secret of ['whsec_old', 'whsec_new']) {
      const delivery = { rawBody: Buffer.from(payload), headers, url: null, secrets: [secret], now }
      expect(verifySignature(signatures.stripe, delivery)).toEqual({ isValid: true })
    }
  })
})

const standardKeys = [1, 2].map((byte) => shared(`whsec_${Buffer.alloc(24, byte).toString('base64')}`))
const [standardKey = shared(''), otherStandardKey = shared('')] = standardKeys

describe('Standard Webhooks signs', () => {
  const { Webhook } = standardwebhooks
  describeVendor({
    signature: signatures.standardWebhooks,
    keys: [standardKey, otherStandardKey],
    bodies,
    instant: 'signed and checked',
    sign: ({ body, at }, secret) => ({
      'Webhook-Id': 'msg_1',
      'Webhook-Timestamp': String(at.getTime() / 1_000),
      'Webhook-Signature': new Webhook(secret).sign('msg_1', at, body),
    }),
    accepts: ({ body, headers }, secret) => ask(() => new Webhook(secret).verify(body, headers, { jsonParse: false })),
  })
})

describe('Svix signs', () => {
  const { Webhook } = svix
  describeVendor({
    signature: signatures.svix,
    keys: [standardKey, otherStandardKey],
    bodies,
    instant: 'signed and checked',
    sign: ({ body, at }, secret) => ({
      'Svix-Id': 'msg_1',
      'Svix-Timestamp': String(at.getTime() / 1_000),
      'Svix-Signature': new Webhook(secret).sign('msg_1', at, body),
    }),
    accepts: ({ body, headers }, secret) => ask(() => new Webhook(secret).verify(body, headers)),
  })
})

describe('Twilio signs a form', () => {
  describeVendor({
    signature: signatures.twilio,
    keys: [shared('auth token'), shared('another token')],
    bodies: ['To=%2B1555&Body=Gr%C3%BC%C3%9Fe+an+alle&MediaUrl=b&MediaUrl=a&MediaUrl=b', 'a=1'],
    url: 'https://app.example/webhooks/1?x=y%20z',
    instant: 'none',
    sign: ({ body, url }, secret) => ({
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature(secret, url, parse(body)),
    }),
    accepts: ({ body, headers, url }, secret) =>
      twilio.validateRequest(secret, String(headers['X-Twilio-Signature']), url, { ...parse(body) }),
  })

  const delivery = (body: string, url: string, headers: Record<string, string>) => ({
    ...{ rawBody: Buffer.from(body), url, headers, secrets: ['auth token'], now: new Date(0) },
  })

  test('or JSON, whose hash stands in the URL', () => {
    const [body, other] = bodies
    const url = `https://app.example/hook?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const signature = twilio.getExpectedTwilioSignature('auth token', url, {})
    const headers = { 'x-twilio-signature': signature }
    for (const [text, isValid] of [
      [body, true],
      [other, false],
      ['', false],
      [`${body} `, false],
    ] as const) {
      expect(verifySignature(signatures.twilio, delivery(text, url, headers)).isValid).toBe(isValid)
      expect(twilio.validateRequestWithBody('auth token', signature, url, text)).toBe(isValid)
    }
    // The hash alone is no signature, and without it in the URL the body is not covered.
    expect(verifySignature(signatures.twilio, delivery(body, url, {})).isValid).toBe(false)
    const bare = 'https://app.example/hook'
    const ofBare = { 'x-twilio-signature': twilio.getExpectedTwilioSignature('auth token', bare, {}) }
    expect(verifySignature(signatures.twilio, delivery(body, bare, ofBare)).isValid).toBe(false)
  })

  test.each([
    ['https://app.example/hook', 'https://app.example:443/hook'],
    ['https://app.example:443/hook?a=b', 'https://app.example/hook?a=b'],
    ['https://app.example:8443/hook', 'https://app.example/hook'],
    ["https://app.example/hook?name=O'Neil", new URL("https://app.example/hook?name=O'Neil").href],
  ])('for %s, which arrives as %s', (signedUrl, url) => {
    const signature = twilio.getExpectedTwilioSignature('auth token', signedUrl, { a: '1' })
    const isValid = twilio.validateRequest('auth token', signature, url, { a: '1' })
    const ours = verifySignature(signatures.twilio, delivery('a=1', url, { 'x-twilio-signature': signature })).isValid
    // Their code does not know the apostrophe's other spelling.
    expect(ours).toBe(isValid || url.includes('%27'))
  })
})

describe('Paddle accepts what we sign', () => {
  const { webhooks } = new Paddle('key')
  describeVendor({
    signature: signatures.paddle,
    keys: [shared('pdl_ntfset_one'), shared('pdl_ntfset_two')],
    bodies,
    instant: 'signed, past checked',
    sign: ({ body, at }, secret) => signWebhook(signatures.paddle, { rawBody: Buffer.from(body), secret, now: at }),
    accepts: ({ body, headers }, secret) =>
      webhooks.isSignatureValid(body, secret, String(headers['paddle-signature'])).catch(() => false),
  })
})

describe('Shopify accepts what we sign', () => {
  const said = { 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': 'a.myshopify.com' }
  const rest = { 'x-shopify-api-version': '2026-01', 'x-shopify-webhook-id': '1' }
  describeVendor({
    signature: signatures.shopify,
    keys: [shared('shpss_one'), shared('shpss_two')],
    bodies,
    instant: 'none',
    sign: ({ body, at }, secret) => signWebhook(signatures.shopify, { rawBody: Buffer.from(body), secret, now: at }),
    accepts: async ({ body, headers }, apiSecretKey) => {
      const api = shopifyApi({
        apiKey: 'key',
        apiSecretKey,
        apiVersion: ApiVersion.January26,
        hostName: 'app.example',
        isEmbeddedApp: false,
        logger: { log: () => {} },
      })
      const rawRequest = { method: 'POST', url: '/', headers: { ...said, ...rest, ...headers } }
      return (await api.webhooks.validate({ rawBody: body, rawRequest })).valid
    },
  })
})

describe('Slack accepts what we sign', () => {
  describeVendor({
    signature: signatures.slack,
    keys: [shared('8f742231b10e8888abcd99yyyzzz85a5'), shared('another')],
    bodies: ['token=x&team_id=T1&text=1', '{"type":"event_callback"}'],
    instant: 'signed, past checked',
    sign: ({ body, at }, secret) => signWebhook(signatures.slack, { rawBody: Buffer.from(body), secret, now: at }),
    accepts: ({ body, headers }, signingSecret) =>
      isValidSlackRequest({
        signingSecret,
        body,
        headers: {
          'x-slack-signature': String(headers['x-slack-signature']),
          'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
        },
      }),
  })
})

describe('Discord accepts what we sign', () => {
  describeVendor({
    signature: signatures.discord,
    keys: [keyPair('raw-hex'), keyPair('raw-hex')],
    bodies,
    instant: 'signed',
    sign: ({ body, at }, secret) => signWebhook(signatures.discord, { rawBody: Buffer.from(body), secret, now: at }),
    accepts: ({ body, headers }, publicKey) =>
      verifyKey(body, String(headers['x-signature-ed25519']), String(headers['x-signature-timestamp']), publicKey),
  })
})

describe('SendGrid accepts what we sign', () => {
  const { header, timestamp } = signatures.sendGrid
  describeVendor({
    signature: signatures.sendGrid,
    keys: [keyPair('spki-base64'), keyPair('spki-base64')],
    bodies,
    instant: 'signed',
    sign: ({ body, at }, secret) => signWebhook(signatures.sendGrid, { rawBody: Buffer.from(body), secret, now: at }),
    accepts: ({ body, headers }, publicKey) =>
      ask(() => {
        const webhook = new EventWebhook()
        const key = webhook.convertPublicKeyToECDSA(publicKey)
        return webhook.verifySignature(key, body, String(headers[header]), String(headers[timestamp.from.header]))
      }),
  })
})

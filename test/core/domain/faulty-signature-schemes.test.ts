import { describe, expect, test } from 'vitest'
import { type SignatureScheme, verifySignature } from '../../../src/core/domain/signature.ts'
import { signatures } from '../../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../../src/testing/sign-webhook.ts'

const now = new Date('2026-03-01T12:00:00.000Z')
const url = 'https://app.example/webhooks/1'

describe('a faulty scheme rejects what it would accept, and says what is wrong', () => {
  const { stripe, slack, discord, standardWebhooks } = signatures
  test.each<[string, object, RegExp]>([
    ['a tolerance of 0', { ...stripe, timestamp: { ...stripe.timestamp, toleranceMs: 0 } }, /toleranceMs/],
    ['a negative tolerance', { ...stripe, timestamp: { ...stripe.timestamp, toleranceMs: -1 } }, /toleranceMs/],
    ['an endless tolerance', { ...stripe, timestamp: { ...stripe.timestamp, toleranceMs: Infinity } }, /toleranceMs/],
    [
      'a tolerance that is no number',
      { ...stripe, timestamp: { ...stripe.timestamp, toleranceMs: 'x' } },
      /toleranceMs/,
    ],
    ['a tolerance of 0, Standard Webhooks', { ...standardWebhooks, toleranceMs: 0 }, /toleranceMs/],
    ['a timestamp that is not signed', { ...slack, signed: ['body'] }, /timestamp/],
    ['a timestamp from nowhere', { ...slack, timestamp: undefined }, /timestamp/],
    ['a body that is not signed', { ...slack, signed: ['timestamp'] }, /body/],
    ['a part that is unknown', { ...slack, signed: ['body', 'id'] }, /id/],
    ['an unknown unit', { ...slack, timestamp: { ...slack.timestamp, unit: 'm' } }, /unit/],
    ['a field without fields', { ...slack, timestamp: { from: { field: 't' } } }, /field/],
    ['an unknown hash', { ...stripe, algorithm: 'md5' }, /algorithm/],
    ['an unknown encoding', { ...stripe, encoding: 'HEX' }, /encoding/],
    ['an unknown form of the secret', { ...stripe, secretForm: 'rot13' }, /secretForm/],
    ['a header in capitals', { ...stripe, header: 'Stripe-Signature' }, /lower case/],
    ['no header', { ...stripe, header: undefined }, /header/],
    ['an unknown public-key algorithm', { ...discord, algorithm: 'rsa' }, /algorithm/],
    ['a raw key for ECDSA', { ...discord, algorithm: 'ecdsa-p256' }, /spki/],
    ['no function', { kind: 'custom' }, /verify/],
    ['a token without a header', { kind: 'token' }, /header/],
  ])('%s', (_what, faulty, named) => {
    const rawBody = Buffer.from('{}')
    const headers = {
      ...signWebhook(stripe, { rawBody, secret: 's', now }),
      ...signWebhook(slack, { rawBody, secret: 's', now }),
    }
    const outcome = verifySignature(faulty as SignatureScheme, { rawBody, headers, secrets: ['s'], url, now })
    expect(outcome).toEqual({ isValid: false, reason: expect.stringMatching(named) })
    expect(() => signWebhook(faulty as SignatureScheme, { rawBody, secret: 's', now })).toThrow(named)
  })
})

test('a signer refuses what it can not do', () => {
  const rawBody = Buffer.from('{}')
  expect(() => signWebhook(signatures.twilio, { rawBody, secret: 's', now })).toThrow(/data/)
  expect(() => signWebhook(signatures.square, { rawBody, secret: 's', now })).toThrow(/URL/)
  expect(() => signWebhook(signatures.discord, { rawBody, secret: 'hunter2', now })).toThrow(/private key/)
  expect(() => signWebhook(signatures.github, { rawBody, secret: '', now })).toThrow(/secret/)
  expect(() => signWebhook(signatures.standardWebhooks, { rawBody, secret: 'whsec_', now })).toThrow(/whsec_/)
})

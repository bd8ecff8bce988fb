import { createHmac, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SignatureScheme, verifySignature } from '../../../src/core/domain/signature.ts'
import type { DeliveryToVerify } from '../../../src/core/domain/signature-custom.ts'
import { signatures } from '../../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../../src/testing/sign-webhook.ts'

const now = new Date('2026-03-01T12:00:00.000Z')
const url = 'https://app.example/webhooks/1'

function publicKeys(kind: 'ed25519' | 'ec') {
  const { publicKey, privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  return {
    spki: spki.toString('base64'),
    raw: spki.subarray(-32),
    pkcs8: pkcs8.toString('base64'),
    seed: pkcs8.subarray(-32),
  }
}

const [ed25519, p256] = [publicKeys('ed25519'), publicKeys('ec')]
const whsec = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

/** Every preset that is data, and what else the kinds can do; `verifying` only where it isn't the signing secret. */
const schemes: readonly (readonly [
  string,
  SignatureScheme,
  { readonly signing: string; readonly verifying?: string },
])[] = [
  ...(['github', 'stripe', 'paddle', 'slack', 'shopify', 'wooCommerce', 'square', 'linear'] as const).map(
    (name) => [name, signatures[name], { signing: `secret of ${name}` }] as const,
  ),
  ['discord', signatures.discord, { signing: ed25519.pkcs8, verifying: ed25519.raw.toString('hex') }],
  ['sendGrid', signatures.sendGrid, { signing: p256.pkcs8, verifying: p256.spki }],
  ['standardWebhooks', signatures.standardWebhooks, { signing: whsec }],
  ['svix', signatures.svix, { signing: whsec.replace('whsec_', '') }],
  [
    'standardWebhooks v1a',
    signatures.standardWebhooks,
    { signing: `whsk_${ed25519.seed.toString('base64')}`, verifying: `whpk_${ed25519.raw.toString('base64')}` },
  ],
  [
    'everything signed, SHA-512 in upper-case hex, key in base64, milliseconds',
    {
      kind: 'hmac',
      algorithm: 'sha512',
      encoding: 'upper-hex',
      secretForm: 'base64',
      header: 'x-sig',
      field: 'v2',
      prefix: 'p:',
      signed: [{ header: 'x-id' }, { text: '|' }, 'timestamp', { text: '|' }, 'url', { text: '|' }, 'body'],
      timestamp: { from: { field: 'at' }, unit: 'ms' },
    },
    { signing: Buffer.from('a key').toString('base64') },
  ],
]

const body = JSON.stringify({ id: 'evt_1', webhookTimestamp: now.getTime() })

function delivery(
  scheme: SignatureScheme,
  secret: { readonly signing: string; readonly verifying?: string },
  change: Partial<DeliveryToVerify> & { readonly signedAt?: Date } = {},
): DeliveryToVerify {
  const { signedAt = now, ...rest } = change
  const rawBody = rest.rawBody ?? Buffer.from(body.replace(String(now.getTime()), String(signedAt.getTime())))
  const headers = signWebhook(scheme, {
    rawBody,
    secret: secret.signing,
    now: signedAt,
    url,
    headers: { 'x-id': 'd1' },
  })
  return { rawBody, headers, url, secrets: [secret.verifying ?? secret.signing], now, ...rest }
}

const isValid = (scheme: SignatureScheme, given: DeliveryToVerify) => verifySignature(scheme, given).isValid
const hasInstant = (scheme: SignatureScheme) =>
  scheme.kind === 'standard-webhooks' || ('timestamp' in scheme && !!scheme.timestamp)

describe.each(schemes)('%s', (_name, scheme, secret) => {
  // Where no instant is signed there is nothing to test.
  const whereSigned = (title: string, run: () => void) => hasInstant(scheme) && test(title, run)
  const genuine = delivery(scheme, secret)

  test('accepts what was signed, by any of several secrets', () => {
    expect(verifySignature(scheme, genuine)).toEqual({ isValid: true })
    expect(isValid(scheme, { ...genuine, secrets: ['other', ...genuine.secrets, ''] })).toBe(true)
  })

  test('rejects another body, a cut one, no secret, another one, a text for bytes', () => {
    for (const change of [
      { rawBody: Buffer.from(body.replace('evt_1', 'evt_2')) },
      { rawBody: genuine.rawBody.slice(0, -1) },
      { rawBody: new Uint8Array() },
      { secrets: [] },
      { secrets: [''] },
      { secrets: ['other', 'whsec_', 'whpk_', whsec.replace('B', 'C')] },
      { rawBody: body as unknown as Uint8Array },
    ]) {
      expect(isValid(scheme, { ...genuine, ...change })).toBe(false)
    }
  })

  test('rejects a delivery without one of its headers, or with one twice', () => {
    for (const [name, value] of Object.entries(genuine.headers)) {
      const { [name]: _, ...others } = genuine.headers
      const isSigned = name !== 'x-id' || (scheme.kind === 'hmac' && scheme.header === 'x-sig')
      expect(isValid(scheme, { ...genuine, headers: others })).toBe(!isSigned)
      // Standard Webhooks has a list there: one of its signatures is enough.
      const isList = scheme.kind === 'standard-webhooks' && name.endsWith('-signature')
      const twice = { ...others, [name]: `${value}, ${value}` }
      expect(isValid(scheme, { ...genuine, headers: twice })).toBe(!isSigned || isList)
    }
  })

  whereSigned('accepts what was signed 300 s ago or ahead, and no more', () => {
    for (const sign of [1, -1]) {
      const at = (ms: number) => delivery(scheme, secret, { signedAt: new Date(now.getTime() + sign * ms) })
      expect(isValid(scheme, at(300_000))).toBe(true)
      expect(verifySignature(scheme, at(301_000))).toMatchObject({
        isValid: false,
        reason: expect.stringMatching('301 s'),
      })
    }
  })

  whereSigned('rejects an instant that is no number', () => {
    for (const text of ['', '1e12', ' 1772366400', '-1772366400', '0x69', 'NaN', '1772366400.0', '９']) {
      const headers = Object.fromEntries(
        Object.entries(genuine.headers).map(([name, value]) => [name, value.replace(/1772366400(000)?/, text)]),
      )
      const rawBody = Buffer.from(
        Buffer.from(genuine.rawBody)
          .toString()
          .replace('1772366400000', text || 'null'),
      )
      expect(isValid(scheme, { ...genuine, headers, rawBody })).toBe(false)
    }
  })

  test('never accepts a genuine delivery with one character of one header changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(genuine.headers).filter((name) => name !== 'x-id')),
        fc.nat(),
        fc.string({ unit: 'grapheme', minLength: 0, maxLength: 2 }),
        (name, place, text) => {
          const value = genuine.headers[name] ?? ''
          const at = place % value.length
          const changed = value.slice(0, at) + text + value.slice(at + 1)
          fc.pre(changed !== value)
          const headers = { ...genuine.headers, [name]: changed }
          // Spaces around a field are no part of it, and what stands in a field of its own changes nothing.
          fc.pre(changed.replaceAll(/\s|[,;]\s*$/g, '') !== value)
          expect(isValid(scheme, { ...genuine, headers })).toBe(false)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('never accepts or fails on anything made up', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...Object.values(genuine.headers)).map((value) => value.slice(1)),
      fc.constantFrom(
        '',
        ',',
        '=',
        't=',
        'v1=',
        'v1,',
        't=1772366400,v1=',
        'ts=1772366400;h1=',
        'v1a,',
        'v0=',
        'sha256=',
      ),
      fc.constant(String(now.getTime() / 1_000)),
    )
    const names = fc.constantFrom(...Object.keys(genuine.headers), '__proto__', 'constructor')
    fc.assert(
      fc.property(fc.dictionary(names, texts), fc.uint8Array(), fc.option(fc.string()), (headers, rawBody, anyUrl) => {
        expect(isValid(scheme, { ...genuine, headers, rawBody, url: anyUrl })).toBe(false)
      }),
      { numRuns: 100 },
    )
  })
})

describe('Standard Webhooks', () => {
  const scheme = signatures.standardWebhooks
  const sign = (secret: string) =>
    signWebhook(scheme, { rawBody: Buffer.from(body), secret, now })['webhook-signature'] ?? ''
  const check = (signature: string, secrets: readonly string[]) =>
    isValid(scheme, {
      ...delivery(scheme, { signing: whsec }),
      headers: { ...delivery(scheme, { signing: whsec }).headers, 'webhook-signature': signature },
      secrets,
    })
  const [v1, v1a] = [sign(whsec), sign(`whsk_${ed25519.seed.toString('base64')}`)]
  const whpk = `whpk_${ed25519.raw.toString('base64')}`

  test('one of several signatures is enough, of either version', () => {
    for (const signature of [`${v1} ${v1a}`, `v1,AAAA ${v1}`, `v2,x ${v1a} v1,AAAA`]) {
      expect(check(signature, [whsec, whpk])).toBe(true)
    }
    expect(check(v1a, [whsec])).toBe(false)
    expect(check(v1, [whpk])).toBe(false)
    expect(check(v1.replace('v1,', 'v1a,'), [whsec, whpk])).toBe(false)
    expect(check(v1a.replace('v1a,', 'v1,'), [whsec, whpk])).toBe(false)
    expect(check(`${'v1,AAAA '.repeat(20)}${v1}`, [whsec])).toBe(false)
  })

  test('a secret that holds no key is none: anybody could sign with the empty one', () => {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp } = delivery(scheme, { signing: whsec }).headers
    const forged = createHmac('sha256', '').update(`${id}.${timestamp}.${body}`).digest('base64')
    for (const secret of ['whsec_', 'whsec_====', 'whsec_?']) expect(check(`v1,${forged}`, [secret])).toBe(false)
  })

  test('a public key is never taken for a shared secret', () => {
    // Who knows the public key could sign with it otherwise.
    const forged = sign(`whsec_${whpk.slice('whpk_'.length)}`)
    expect(check(forged, [whpk])).toBe(false)
  })
})

describe('WooCommerce', () => {
  test.each([
    ['a&amp;b&#039;c&quot;d&lt;e&gt;f', `a&b'c"d<e>f`],
    ['&#39;&#0038;&#x27;&#X026;&#34;&#60;&#62;', `'&'&"<>`],
    ['&amp;lt;', '&lt;'],
    ['&nbsp;&euro;&apos;', '&nbsp;&euro;&apos;'],
  ])('the secret %s signs as %s', (stored, signing) => {
    const scheme = signatures.wooCommerce
    const headers = signWebhook({ ...scheme, secretForm: 'text' }, { rawBody: Buffer.from('{}'), secret: signing, now })
    expect(isValid(scheme, { rawBody: Buffer.from('{}'), headers, secrets: [stored], url: null, now })).toBe(true)
  })
})

describe('a URL that is signed', () => {
  test('must be known, and be that one', () => {
    const scheme = signatures.square
    const genuine = delivery(scheme, { signing: 's' })
    expect(verifySignature(scheme, { ...genuine, url: null })).toMatchObject({ reason: expect.stringContaining('URL') })
    expect(isValid(scheme, { ...genuine, url: `${url}/` })).toBe(false)
    expect(isValid(scheme, { ...genuine, url: url.replace('https', 'http') })).toBe(false)
  })
})

describe('a signed header', () => {
  const scheme: SignatureScheme = { ...signatures.github, signed: [{ header: 'x-id' }, { text: '.' }, 'body'] }

  test('is read as the bytes that were sent, which HTTP libraries show one by one', () => {
    const rawBody = Buffer.from('{}')
    const sent = Buffer.from('Bestellung №1').toString('latin1')
    const headers = signWebhook(scheme, { rawBody, secret: 's', now, headers: { 'x-id': sent } })
    expect(isValid(scheme, { rawBody, headers, secrets: ['s'], url: null, now })).toBe(true)
    // The same bytes must not have a second spelling: it would be another id.
    expect(
      isValid(scheme, { rawBody, headers: { ...headers, 'x-id': 'Bestellung №1' }, secrets: ['s'], url: null, now }),
    ).toBe(false)
  })
})

describe('a token', () => {
  const scheme: SignatureScheme = { kind: 'token', header: 'authorization', prefix: 'Bearer ' }
  const check = (authorization: string, secrets: readonly string[]) =>
    isValid(scheme, { rawBody: Buffer.from(''), headers: { authorization }, secrets, url: null, now })

  test('must be one of the secrets, whole', () => {
    expect(check('Bearer one', ['one'])).toBe(true)
    expect(check('Bearer two', ['one', 'two'])).toBe(true)
    for (const value of [
      'Bearer on',
      'Bearer ones',
      'bearer one',
      'one',
      'Bearer  one',
      'Bearer one, Bearer one',
      'Bearer ',
      '',
    ]) {
      expect(check(value, ['one', ''])).toBe(false)
    }
  })
})

describe("a provider's own function", () => {
  const delivered = { rawBody: Buffer.from('b'), headers: { 'x-a': '1' }, secrets: ['', 's'], url, now }
  const check = (verify: unknown) => verifySignature({ kind: 'custom', verify } as SignatureScheme, delivered)

  test('is given the delivery, and believed only when it says true', () => {
    const given: DeliveryToVerify[] = []
    expect(check((it: DeliveryToVerify) => given.push(it) === 1)).toEqual({ isValid: true })
    expect(given).toEqual([{ ...delivered, secrets: ['s'] }])
    for (const answer of [
      false,
      1,
      'true',
      undefined,
      null,
      {},
      Promise.resolve(true),
      Promise.reject(new Error('no')),
    ]) {
      expect(check(() => answer).isValid).toBe(false)
    }
    expect(check(async () => true)).toMatchObject({ reason: expect.stringContaining('at once') })
  })

  test('that throws rejects, and its message stays with it', () => {
    const outcome = check(() => {
      throw new Error('the secret is s3cret')
    })
    expect(outcome).toEqual({ isValid: false, reason: "the provider's verify threw" })
  })

  test('is not asked without a secret', () => {
    const verification = verifySignature({ kind: 'custom', verify: () => true }, { ...delivered, secrets: [''] })
    expect(verification.isValid).toBe(false)
  })
})

test('unsigned deliveries are accepted only where that is chosen by name', () => {
  const anything = { rawBody: Buffer.from('x'), headers: {}, secrets: [], url: null, now }
  expect(isValid({ kind: 'unsigned' }, anything)).toBe(true)
  for (const scheme of [undefined, null, {}, 'unsigned', { kind: 'none' }, { kind: undefined }]) {
    expect(isValid(scheme as unknown as SignatureScheme, anything)).toBe(false)
  }
})

test('a public key of another kind, or none, is no key', () => {
  const { sendGrid, discord } = signatures
  for (const key of [
    p256.spki,
    ed25519.spki,
    'zz',
    ed25519.raw.toString('hex').toUpperCase(),
    ed25519.raw.toString('base64'),
  ]) {
    expect(isValid(discord, delivery(discord, { signing: ed25519.pkcs8, verifying: key }))).toBe(false)
  }
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'der', type: 'spki' })
  for (const key of [ed25519.spki, p384.toString('base64'), 'AAAA']) {
    expect(isValid(sendGrid, delivery(sendGrid, { signing: p256.pkcs8, verifying: key }))).toBe(false)
  }
})

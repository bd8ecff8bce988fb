import { createHmac } from 'node:crypto'
import { sign } from '@octokit/webhooks-methods'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SignatureScheme, verifySignature } from '../../../src/core/domain/signature.ts'
import type { DeliveryToVerify } from '../../../src/core/domain/signature-custom.ts'
import { encodeSignature } from '../../../src/core/domain/signature-encoding.ts'
import type { HmacScheme } from '../../../src/core/domain/signature-hmac.ts'

const github: HmacScheme = {
  kind: 'hmac',
  algorithm: 'sha256',
  encoding: 'hex',
  header: 'x-hub-signature-256',
  prefix: 'sha256=',
}
const schemes: fc.Arbitrary<HmacScheme> = fc.record({
  kind: fc.constant('hmac'),
  algorithm: fc.constantFrom('sha1', 'sha256', 'sha512'),
  encoding: fc.constantFrom('hex', 'upper-hex', 'base64', 'base64url'),
  header: fc.constantFrom('x-signature', 'x-hub-signature-256'),
  prefix: fc.constantFrom('', 'sha256=', 'v1,'),
})
const bodies = fc.uint8Array({ maxLength: 100 })
const secrets = fc.string({ minLength: 1, maxLength: 40 })

const rawBody = Buffer.from('Hello, World!')
// GitHub documents this vector: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
const secret = "It's a Secret to Everybody"
const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'

function signed(scheme: HmacScheme, body: Uint8Array, secret: string): Record<string, string> {
  const digest = createHmac(scheme.algorithm, secret).update(body).digest()
  return { [scheme.header]: (scheme.prefix ?? '') + encodeSignature(digest, scheme.encoding) }
}

function verify(
  scheme: SignatureScheme,
  delivery: Pick<DeliveryToVerify, 'headers' | 'rawBody'>,
  secrets: readonly string[],
) {
  return verifySignature(scheme, { ...delivery, secrets, url: null, now: new Date(0) })
}

function isValid(
  headers: Record<string, string>,
  known: readonly string[] = [secret],
  scheme: SignatureScheme = github,
) {
  return verify(scheme, { headers, rawBody }, known).isValid
}

function reason(
  headers: Record<string, string>,
  known: readonly string[] = [secret],
  scheme: SignatureScheme = github,
) {
  const verification = verify(scheme, { headers, rawBody }, known)
  return verification.isValid ? 'valid' : verification.reason
}

describe('a genuine delivery', () => {
  test("is valid by the example in GitHub's documentation", () => {
    expect(isValid({ 'x-hub-signature-256': signature })).toBe(true)
  })

  test("is valid when signed by GitHub's own library", async () => {
    await fc.assert(
      fc.asyncProperty(secrets, fc.string({ unit: 'grapheme', minLength: 1 }), async (secret, payload) => {
        const headers = { 'x-hub-signature-256': await sign(secret, payload) }
        expect(verify(github, { headers, rawBody: Buffer.from(payload) }, [secret])).toEqual({ isValid: true })
      }),
    )
  })

  test('is valid for every scheme, body and secret', () => {
    fc.assert(
      fc.property(schemes, bodies, secrets, (scheme, rawBody, secret) => {
        const headers = signed(scheme, rawBody, secret)
        expect(verify(scheme, { headers, rawBody }, [secret])).toEqual({ isValid: true })
      }),
    )
  })

  test('is valid if any of several live secrets signed it, wherever it stands', () => {
    fc.assert(
      fc.property(
        schemes,
        bodies,
        fc.uniqueArray(secrets, { minLength: 2, maxLength: 4 }),
        fc.nat(),
        (scheme, rawBody, known, at) => {
          const headers = signed(scheme, rawBody, known[at % known.length] ?? '')
          expect(verify(scheme, { headers, rawBody }, known).isValid).toBe(true)
        },
      ),
    )
  })
})

describe('anything else is rejected', () => {
  test('another body, another secret or another algorithm', () => {
    fc.assert(
      fc.property(schemes, bodies, bodies, secrets, secrets, (scheme, rawBody, otherBody, secret, otherSecret) => {
        fc.pre(Buffer.compare(rawBody, otherBody) !== 0 && secret !== otherSecret)
        const headers = signed(scheme, rawBody, secret)
        expect(verify(scheme, { headers, rawBody: otherBody }, [secret]).isValid).toBe(false)
        expect(verify(scheme, { headers, rawBody }, [otherSecret]).isValid).toBe(false)
        const algorithm = scheme.algorithm === 'sha1' ? 'sha256' : 'sha1'
        expect(verify({ ...scheme, algorithm }, { headers, rawBody }, [secret]).isValid).toBe(false)
      }),
    )
  })

  test('any change of one character of the header', () => {
    fc.assert(
      fc.property(
        schemes,
        bodies,
        secrets,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (scheme, rawBody, secret, place, character) => {
          const genuine = signed(scheme, rawBody, secret)[scheme.header] ?? ''
          const at = place % genuine.length
          fc.pre(genuine[at] !== character)
          const headers = { [scheme.header]: genuine.slice(0, at) + character + genuine.slice(at + 1) }
          expect(verify(scheme, { headers, rawBody }, [secret]).isValid).toBe(false)
        },
      ),
    )
  })

  const hex = signature.slice('sha256='.length)
  test.each([
    ['an empty header', ''],
    ['the prefix alone', 'sha256='],
    ['no prefix', hex],
    ['another prefix', `sha1=${hex}`],
    ['the prefix in upper case', `SHA256=${hex}`],
    ['the prefix twice', `sha256=${signature}`],
    ['upper-case digits', `sha256=${hex.toUpperCase()}`],
    ['a space before', ` ${signature}`],
    ['a space after the prefix', `sha256= ${hex}`],
    ['a line end after', `${signature}\n`],
    ['a digit less', signature.slice(0, -1)],
    ['a digit more', `${signature}0`],
    ['two signatures', `${signature},${signature}`],
    ['base64 instead of hex', `sha256=${Buffer.from(hex, 'hex').toString('base64')}`],
    ['characters that fold to the right ones', signature.replace('7', '７')],
  ])('%s', (_, header) => {
    expect(isValid({ 'x-hub-signature-256': header })).toBe(false)
  })

  test('base64 is accepted in its own spelling only, with its padding', () => {
    const scheme = { ...github, encoding: 'base64', prefix: '' } as const
    const genuine = createHmac('sha256', secret).update(rawBody).digest('base64')
    expect(isValid({ 'x-hub-signature-256': genuine }, [secret], scheme)).toBe(true)
    for (const other of [genuine.replace('=', ''), `${genuine}=`, `${genuine.slice(0, 4)} ${genuine.slice(4)}`]) {
      expect(isValid({ 'x-hub-signature-256': other }, [secret], scheme)).toBe(false)
    }
  })
})

describe('it fails closed', () => {
  test('without a secret, also where the sender signed with the empty one', () => {
    const headers = signed(github, rawBody, '')
    expect(reason(headers, [])).toBe('the connection has no webhook secret')
    expect(reason(headers, [''])).toBe('the connection has no webhook secret')
    expect(reason(headers, ['', secret])).toBe('the signature does not match the delivery')
  })

  test('without the header, whatever other headers there are', () => {
    expect(reason({})).toBe('the header x-hub-signature-256 is missing')
    expect(reason({ 'x-hub-signature': signature })).toBe('the header x-hub-signature-256 is missing')
    expect(reason({ 'x-hub-signature-256': 'md5=1' })).toBe(
      'the header x-hub-signature-256 does not start with sha256=',
    )
  })

  test('for a scheme it does not know', () => {
    const unknown = { ...github, kind: 'none' } as unknown as SignatureScheme
    expect(reason({ 'x-hub-signature-256': signature }, [secret], unknown)).toBe('unknown signature scheme none')
  })

  test('and no reason repeats a secret or the right signature', () => {
    const other = signature.replaceAll('7', '8')
    for (const header of ['', 'x', other]) {
      expect(reason({ 'x-hub-signature-256': header })).not.toContain(secret)
      expect(reason({ 'x-hub-signature-256': header })).not.toContain(signature)
    }
  })
})

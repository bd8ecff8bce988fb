import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openEnvelope, parseEnvelope, type SealContext, sealEnvelope } from '../../../src/core/domain/envelope.ts'
import { isConnectorsError } from '../../../src/core/domain/errors.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const contexts: fc.Arbitrary<SealContext> = fc.record({
  tenant: fc.string({ unit: 'binary' }),
  connectionId: fc.uuid(),
  field: fc.constantFrom('credentials', 'webhookSecrets', 'settings'),
})
const keyIds = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)
const seals = fc.record({ keyId: keyIds, key: bytes(32), nonce: bytes(12), context: contexts })
const plaintexts = fc.uint8Array({ maxLength: 200 })

const seal = {
  keyId: '2026-11',
  key: Uint8Array.from({ length: 32 }, (_, at) => at),
  nonce: Uint8Array.from({ length: 12 }, (_, at) => 0xa0 + at),
  context: { tenant: 'acme', connectionId: '0192f3a4-0000-7000-8000-000000000001', field: 'credentials' },
} as const

const plain = new TextEncoder().encode('{"token":"t0p"}')
const known = 'v1.2026-11.oKGio6Slpqeoqaqr.nToIQi6ubJ1YR_Pjd1i9AFHn6mQT5FTZy5A_QzW9Ew'

const differing = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.tuple(arbitrary, arbitrary).filter(([a, b]) => JSON.stringify(a) !== JSON.stringify(b))

function isRefused(text: string): boolean {
  try {
    parseEnvelope(text)
    return false
  } catch (error) {
    return isConnectorsError(error, 'SEALED_VALUE_MALFORMED')
  }
}

describe('round trip', () => {
  test('what was sealed opens with the same key in the same place', () => {
    fc.assert(
      fc.property(seals, plaintexts, (seal, plaintext) => {
        const envelope = parseEnvelope(sealEnvelope(plaintext, seal))
        expect(envelope.keyId).toBe(seal.keyId)
        expect(Buffer.compare(openEnvelope(envelope, seal.key, seal.context) ?? Buffer.of(0), plaintext)).toBe(0)
      }),
    )
  })

  test('the written form is pinned: rows sealed by this version must open in all later ones', () => {
    expect(sealEnvelope(plain, seal)).toBe(known)
    expect(Buffer.from(openEnvelope(parseEnvelope(known), seal.key, seal.context) ?? '').toString()).toBe(
      '{"token":"t0p"}',
    )
  })

  test('a sealed value never holds its plaintext', () => {
    fc.assert(
      fc.property(seals, fc.uint8Array({ minLength: 8, maxLength: 200 }), (seal, plaintext) => {
        const { ciphertext } = parseEnvelope(sealEnvelope(plaintext, seal))
        expect(ciphertext.length).toBe(plaintext.length)
        expect(Buffer.from(ciphertext).includes(Buffer.from(plaintext))).toBe(false)
      }),
    )
  })
})

describe('a sealed value opens nowhere else', () => {
  test.each(['tenant', 'connectionId', 'field'] as const)('another %s does not open it', (part) => {
    fc.assert(
      fc.property(seals, differing(contexts), (seal, [context, other]) => {
        fc.pre(context[part] !== other[part])
        const envelope = parseEnvelope(sealEnvelope(plain, { ...seal, context }))
        expect(openEnvelope(envelope, seal.key, { ...context, [part]: other[part] })).toBeNull()
      }),
    )
  })

  test('text cannot be shifted from one part of the context to the next', () => {
    const context = { ...seal.context, tenant: 'a","b', connectionId: 'c' }
    const envelope = parseEnvelope(sealEnvelope(plain, { ...seal, context }))
    expect(openEnvelope(envelope, seal.key, { ...context, tenant: 'a', connectionId: 'b","c' })).toBeNull()
  })

  test('another key does not open it, nor the same key under another name', () => {
    fc.assert(
      fc.property(seals, differing(bytes(32)), differing(keyIds), (seal, [key, otherKey], [keyId, otherId]) => {
        const envelope = parseEnvelope(sealEnvelope(plain, { ...seal, key, keyId }))
        expect(openEnvelope(envelope, otherKey, seal.context)).toBeNull()
        expect(openEnvelope({ ...envelope, keyId: otherId }, key, seal.context)).toBeNull()
      }),
    )
  })

  test('one changed bit anywhere in the nonce, the ciphertext or the tag is noticed', () => {
    fc.assert(
      fc.property(
        seals,
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.constantFrom('nonce' as const, 'ciphertext' as const, 'tag' as const),
        fc.nat(),
        (seal, plaintext, part, bit) => {
          const envelope = parseEnvelope(sealEnvelope(plaintext, seal))
          const altered = Uint8Array.from(envelope[part])
          const at = (bit >> 3) % altered.length
          altered[at] = (altered[at] ?? 0) ^ (1 << (bit & 7))
          expect(openEnvelope({ ...envelope, [part]: altered }, seal.key, seal.context)).toBeNull()
        },
      ),
    )
  })

  test('one changed character anywhere in the text is refused or does not open', () => {
    fc.assert(
      fc.property(fc.nat({ max: known.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(known[at] !== character)
        const altered = known.slice(0, at) + character + known.slice(at + 1)
        if (isRefused(altered)) return
        expect(openEnvelope(parseEnvelope(altered), seal.key, seal.context)).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })

  test.each([0, 4, 8, 12, 13, 14, 15, 17])('a tag of %i bytes is not accepted', (length) => {
    const envelope = parseEnvelope(known)
    const tag = Buffer.concat([envelope.tag, Buffer.alloc(1)]).subarray(0, length)
    expect(openEnvelope({ ...envelope, tag }, seal.key, seal.context)).toBeNull()
  })

  test('a text cut off at any place is refused or does not open', () => {
    for (let length = 0; length < known.length; length++) {
      const cut = known.slice(0, length)
      if (!isRefused(cut)) expect(openEnvelope(parseEnvelope(cut), seal.key, seal.context)).toBeNull()
    }
  })
})

describe('what is no sealed value is refused', () => {
  const [, , nonce = '', sealed = ''] = known.split('.')
  const shortest = Buffer.alloc(16).toString('base64url')

  test.each([
    ['nothing', ''],
    ['one word', 'v1'],
    ['plain JSON', '{"token":"t0p"}'],
    ['dots only', '...'],
    ['another format', `v2.k.${nonce}.${sealed}`],
    ['an upper-case format', `V1.k.${nonce}.${sealed}`],
    ['a missing key id', `v1..${nonce}.${sealed}`],
    ['a key id with a space', `v1.a b.${nonce}.${sealed}`],
    ['a key id with a line end', `v1.k\n.${nonce}.${sealed}`],
    ['a key id of 65 characters', `v1.${'k'.repeat(65)}.${nonce}.${sealed}`],
    ['an extra dot', `${known}.`],
    ['an extra part', `${known}.${sealed}`],
    ['a space before', ` ${known}`],
    ['a line end after', `${known}\n`],
    ['padding', `v1.k.${nonce}.${Buffer.alloc(17).toString('base64')}`],
    ['plain base64', `v1.k.${nonce}.${Buffer.alloc(18, 0xff).toString('base64')}`],
    ['bits that decode to nothing', `v1.k.${nonce}.${shortest.slice(0, -1)}B`],
    ['a space within', `v1.k.${nonce}.${sealed.slice(0, 4)} ${sealed.slice(4)}`],
    ['a nonce of 11 bytes', `v1.k.${Buffer.alloc(11).toString('base64url')}.${sealed}`],
    ['a nonce of 16 bytes', `v1.k.${Buffer.alloc(16).toString('base64url')}.${sealed}`],
    ['less than a tag', `v1.k.${nonce}.${Buffer.alloc(15).toString('base64url')}`],
    ['a million dots', '.'.repeat(1_000_000)],
    ['a megabyte of something else', `v1.k.${nonce}.${'!'.repeat(1_000_000)}`],
  ])('%s', (_, text) => {
    expect(isRefused(text)).toBe(true)
  })

  test('any text: it parses only if it is spelled the one way its parts are written', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.base64String(), { minLength: 2, maxLength: 5 }).map((parts) => `v1.${parts.join('.')}`),
        ),
        (text) => {
          if (isRefused(text)) return
          const { keyId, nonce, ciphertext, tag } = parseEnvelope(text)
          const sealed = Buffer.concat([ciphertext, tag]).toString('base64url')
          expect(`v1.${keyId}.${Buffer.from(nonce).toString('base64url')}.${sealed}`).toBe(text)
        },
      ),
    )
  })

  test('the refusal does not repeat the text, which may be a secret in clear', () => {
    expect(() => parseEnvelope('{"token":"t0p-s3cret"}')).toThrow(/^(?!.*t0p-s3cret)/)
  })
})

describe('the cipher is AES-256-GCM', () => {
  test('another implementation opens it: Web Crypto, with the associated data spelled out', async () => {
    const [, , nonce = '', sealed = ''] = known.split('.')
    const key = await crypto.subtle.importKey('raw', seal.key, 'AES-GCM', false, ['decrypt'])
    const additionalData = Buffer.from('["v1","2026-11","acme","0192f3a4-0000-7000-8000-000000000001","credentials"]')
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: Buffer.from(nonce, 'base64url'), additionalData, tagLength: 128 },
      key,
      Buffer.from(sealed, 'base64url'),
    )
    expect(Buffer.from(opened).toString()).toBe('{"token":"t0p"}')
  })

  const hex = (text: string) => Buffer.from(text, 'hex')

  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 15, without its associated data: GCM encrypts in
  // counter mode, so the ciphertext does not depend on it.
  test('the ciphertext is that of the published vector', () => {
    const plaintext = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
        '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
    )
    const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')
    const nonce = hex('cafebabefacedbaddecaf888')
    const { ciphertext } = parseEnvelope(sealEnvelope(plaintext, { ...seal, key, nonce }))
    expect(Buffer.from(ciphertext).toString('hex')).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
        '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad',
    )
  })
})

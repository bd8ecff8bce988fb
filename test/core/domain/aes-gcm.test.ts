import { describe, expect, test } from 'vitest'
import { openAesGcm, sealAesGcm } from '../../../src/core/domain/aes-gcm.ts'
import nist from '../../fixtures/aes-gcm/nist-gcm-decrypt-256.json' with { type: 'json' }

const hex = (text: string) => Buffer.from(text, 'hex')
const vectors = nist.vectors.map(({ key, iv, ct, aad, tag, pt, ...rest }) => ({
  ...rest,
  input: { key: hex(key), nonce: hex(iv), associatedData: hex(aad) },
  sealed: { ciphertext: hex(ct), tag: hex(tag) },
  plaintext: pt === null ? null : hex(pt),
}))
const whole = vectors.filter(({ taglen }) => taglen === 128)
const genuine = whole.flatMap(({ plaintext, ...rest }) => (plaintext === null ? [] : [{ ...rest, plaintext }]))

/** The bytes with one bit of each byte turned, one after the other. */
const turned = (bytes: Uint8Array) =>
  Array.from(bytes, (byte, at) => Uint8Array.from(bytes, (other, index) => (index === at ? byte ^ 1 : other)))

describe("NIST's vectors", () => {
  test('there are genuine ones, forged ones, and some with truncated tags', () => {
    expect(genuine.length).toBeGreaterThan(30)
    expect(whole.length - genuine.length).toBeGreaterThan(30)
    expect(vectors.length - whole.length).toBeGreaterThan(100)
  })

  test('genuine ones open, and seal to the same bytes', () => {
    for (const { input, sealed, plaintext } of genuine) {
      expect(openAesGcm(sealed, input)).toEqual(plaintext)
      expect(sealAesGcm(plaintext, input)).toEqual(sealed)
    }
  })

  test('forged ones do not open', () => {
    for (const { input, sealed, plaintext } of whole) {
      if (plaintext === null) expect(openAesGcm(sealed, input)).toBeNull()
    }
  })

  test('a truncated tag is not accepted, although it is the genuine one', () => {
    for (const { taglen, input, sealed } of vectors) if (taglen < 128) expect(openAesGcm(sealed, input)).toBeNull()
    for (const { input, sealed } of genuine) {
      for (let length = 0; length < 16; length += 1) {
        expect(openAesGcm({ ...sealed, tag: sealed.tag.subarray(0, length) }, input)).toBeNull()
      }
    }
  })

  test('one bit elsewhere in key, nonce, associated data, ciphertext or tag, and nothing opens', () => {
    for (const { input, sealed } of genuine.slice(0, 40)) {
      for (const key of turned(input.key)) expect(openAesGcm(sealed, { ...input, key })).toBeNull()
      for (const nonce of turned(input.nonce)) expect(openAesGcm(sealed, { ...input, nonce })).toBeNull()
      for (const associatedData of turned(input.associatedData)) {
        expect(openAesGcm(sealed, { ...input, associatedData })).toBeNull()
      }
      for (const ciphertext of turned(sealed.ciphertext))
        expect(openAesGcm({ ...sealed, ciphertext }, input)).toBeNull()
      for (const tag of turned(sealed.tag)) expect(openAesGcm({ ...sealed, tag }, input)).toBeNull()
    }
  })
})

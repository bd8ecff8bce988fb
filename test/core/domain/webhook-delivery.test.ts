import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/core/domain/json.ts'
import { storableText } from '../../../src/core/domain/storable-text.ts'
import { idempotencyKey, isStorableJson, parseJsonBody } from '../../../src/core/domain/webhook-delivery.ts'

const ids = fc.string({ unit: 'grapheme', maxLength: 10 })
const bodies = fc.uint8Array({ maxLength: 20 })
const deliveries = fc.record({
  id: fc.option(fc.record({ value: ids, isSigned: fc.boolean() })),
  rawBody: bodies,
})
const deep = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))

describe('the idempotency key', () => {
  test('is 64 lower-case hex digits, and the same for the same delivery', () => {
    fc.assert(
      fc.property(deliveries, ({ id, rawBody }) => {
        expect(idempotencyKey(id, rawBody)).toMatch(/^[0-9a-f]{64}$/)
        expect(idempotencyKey(id === null ? null : { ...id }, Uint8Array.from(rawBody))).toBe(
          idempotencyKey(id, rawBody),
        )
      }),
    )
  })

  test('differs between any two deliveries that differ in what counts', () => {
    const counting = ({ id, rawBody }: { id: { value: string; isSigned: boolean } | null; rawBody: Uint8Array }) =>
      JSON.stringify([id, id?.isSigned === true ? null : Array.from(rawBody)])
    fc.assert(
      fc.property(deliveries, deliveries, (one, other) => {
        expect(idempotencyKey(one.id, one.rawBody) === idempotencyKey(other.id, other.rawBody)).toBe(
          counting(one) === counting(other),
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('a signed id counts alone: the same event in another body is the same delivery', () => {
    const id = { value: 'evt_1', isSigned: true }
    expect(idempotencyKey(id, Buffer.from('a'))).toBe(idempotencyKey(id, Buffer.from('b')))
  })

  test('an unsigned id counts with the body: a forger can neither take an id nor repeat a body under another', () => {
    const id = { value: 'evt_1', isSigned: false }
    expect(idempotencyKey(id, Buffer.from('forged'))).not.toBe(idempotencyKey(id, Buffer.from('genuine')))
    expect(idempotencyKey({ ...id, value: 'evt_2' }, Buffer.from('genuine'))).not.toBe(
      idempotencyKey(id, Buffer.from('genuine')),
    )
  })

  test('no part of an id can be moved into the body, nor can an id pass for a body', () => {
    fc.assert(
      fc.property(ids, ids, bodies, (left, right, rawBody) => {
        fc.pre(right !== '')
        const whole = idempotencyKey({ value: left + right, isSigned: false }, rawBody)
        const split = idempotencyKey({ value: left, isSigned: false }, Buffer.concat([Buffer.from(right), rawBody]))
        expect(split).not.toBe(whole)
      }),
    )
    const text = Buffer.from('id\nevt_1')
    const keys = [idempotencyKey({ value: 'evt_1', isSigned: true }, text), idempotencyKey(null, text)]
    expect(new Set([...keys, idempotencyKey({ value: '', isSigned: false }, text)]).size).toBe(3)
  })

  test('is pinned: keys in a database must go on meaning the same', () => {
    const body = Buffer.from('{}')
    expect([
      idempotencyKey(null, body),
      idempotencyKey({ value: 'evt_1', isSigned: true }, body),
      idempotencyKey({ value: 'évt', isSigned: false }, body),
    ]).toMatchInlineSnapshot(`
      [
        "f04e587e7393690117f3a0a9dc98b6958d41020009430d9776d00f9fa085672d",
        "90f11d58c10b7f5d5fc4564757fc019a3c293c7339f1d1f758696efdbedb0907",
        "cecc5bec84eae9b33a360093c2f59fc58dffc26e1631986f3734d43231e368ac",
      ]
    `)
  })
})

describe('the JSON of a body', () => {
  test('is what was sent', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text))
      }),
    )
    expect(parseJsonBody(Buffer.from('null'))).toBeNull()
  })

  test('may follow a byte order mark', () => {
    expect(parseJsonBody(Buffer.from('\ufeff{"a":1}'))).toEqual({ a: 1 })
  })

  test('a member named "__proto__" pollutes nothing, and is not kept as JSON: some database clients would lose it', () => {
    const parsed = parseJsonBody(Buffer.from('{"__proto__":{"isAdmin":true}}'))
    expect('isAdmin' in (parsed as object)).toBe(false)
    expect(isStorableJson(parsed ?? null)).toBe(false)
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['prose', Buffer.from('hello')],
    ['a form', Buffer.from('a=1')],
    ['JSON that was cut off', Buffer.from('{"a":')],
    ['two values', Buffer.from('{}{}')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['half a surrogate pair in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a NUL', Buffer.from('"\0"')],
  ])('is absent for %s', (_, rawBody) => {
    expect(parseJsonBody(rawBody)).toBeUndefined()
  })

  test('any bytes are read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (rawBody) => {
        const parsed = parseJsonBody(rawBody)
        expect(parsed === undefined || typeof isStorableJson(parsed) === 'boolean').toBe(true)
      }),
    )
  })
})

describe('what every database can hold', () => {
  test.each<readonly [string, Json]>([
    ['a NUL', 'a\0b'],
    ['a NUL in a list', [['a\0b']]],
    ['a NUL in a key', { a: { 'b\0': 1 } }],
    ['half a surrogate pair', ['\ud800']],
    ['the other half', { a: 'x\udfff' }],
    ['halves in the wrong order', '\ude00\ud83d'],
    ['half a surrogate pair in a key', { '\ud800': 1 }],
    ['a number over the range', [Number.POSITIVE_INFINITY]],
  ])('not %s', (_, value) => {
    expect(isStorableJson(value)).toBe(false)
  })

  test('all other JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), (value) => {
        fc.pre(!/\\u0000|"__proto__":/.test(JSON.stringify(value)))
        expect(isStorableJson(value as Json)).toBe(true)
      }),
    )
    expect(isStorableJson('😀')).toBe(true)
  })

  test('a number that JSON can write but not hold', () => {
    expect(isStorableJson(parseJsonBody(Buffer.from('[1e400]')) ?? null)).toBe(false)
    expect(isStorableJson(parseJsonBody(Buffer.from('[1e300]')) ?? null)).toBe(true)
  })

  test('up to the 31 levels that MariaDB holds, and a hundred thousand exhaust no stack', () => {
    expect(isStorableJson(parseJsonBody(deep(31)) ?? null)).toBe(true)
    expect(isStorableJson(parseJsonBody(deep(32)) ?? null)).toBe(false)
    expect(isStorableJson(parseJsonBody(deep(100_000)) ?? null)).toBe(false)
  })
})

describe('storable text', () => {
  test('is cut, has no NUL and no half of a surrogate pair, and is stable', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\0', '\ud83d', '\ude00', '😀', '\ufffd') }),
        fc.nat({ max: 20 }),
        (text, length) => {
          const stored = storableText(text, length)
          expect(stored.length).toBeLessThanOrEqual(length)
          expect(isStorableJson(stored)).toBe(true)
          expect(storableText(stored, length)).toBe(stored)
        },
      ),
    )
  })

  test('is the same text where that can be stored', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\0'))
        expect(storableText(text, text.length)).toBe(text)
      }),
    )
  })

  test('never ends in half a character', () => {
    expect(storableText('ab😀', 3)).toBe('ab\ufffd')
    expect(storableText('ab😀', 4)).toBe('ab😀')
  })
})

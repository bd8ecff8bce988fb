import { deepStrictEqual } from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { decodeExactly, encodeExactly, UnstorableValueError } from '../../../src/core/domain/sealed-json.ts'

const trickyKeys = fc.constantFrom(
  '$',
  '__proto__',
  'toJSON',
  'constructor',
  'prototype',
  'hasOwnProperty',
  '',
  '0',
  '\0',
)
const keys = fc.oneof(fc.string({ unit: 'binary' }), trickyKeys, fc.constant('\ud800'))
const leaves = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', 'a\udfff', '\ufeff', '\u2028'),
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, Number.MAX_VALUE),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
)

const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    leaves,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    fc
      .array(fc.tuple(keys, tie('value')), { maxLength: 3 })
      .map((entries) => Object.setPrototypeOf(Object.fromEntries(entries), null) as unknown),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
}))

function copyOf(value: unknown): unknown {
  return decodeExactly(encodeExactly(value))
}

function refusal(value: unknown): string {
  try {
    return encodeExactly(value)
  } catch (error) {
    if (error instanceof UnstorableValueError) return error.message
    throw error
  }
}

describe('what goes in comes out', () => {
  test('any nested value comes back equal, to the type, the sign of zero and the prototype', () => {
    fc.assert(
      fc.property(values, (value) => deepStrictEqual(copyOf(value), value)),
      { numRuns: 1000 },
    )
  })

  test('an absent member stays absent, and one that is undefined stays there', () => {
    deepStrictEqual(Object.keys(copyOf({ a: undefined }) as object), ['a'])
    deepStrictEqual(Object.keys(copyOf({}) as object), [])
  })

  test('keys keep their order', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, fc.integer()), (value) =>
        deepStrictEqual(Object.keys(copyOf(value) as object), Object.keys(value)),
      ),
    )
  })

  test.each([
    ['a lookalike of a tag', { $: ['bigint', '1'] }],
    ['a lookalike of a tag, in one', { $: { $: ['object', []] } }],
    ['a tag that does not exist', { $: ['nonsense'], other: 1 }],
    ['an object with "$" that is undefined', { $: undefined }],
    ['minus zero in a list', [-0, 0]],
    ['a bigint over 64 bits', 2n ** 200n],
    ['a map with objects as keys', new Map([[{ a: 1 }, new Set([new Map([['$', 1n]])])]])],
    ['bytes within a longer buffer', new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
  ])('%s', (_, value) => {
    deepStrictEqual(copyOf(value), value)
  })

  test('a date without a time comes back as one', () => {
    const copy = copyOf({ at: new Date(Number.NaN) }) as { readonly at: Date }
    expect(copy.at).toBeInstanceOf(Date)
    expect(copy.at.getTime()).toBeNaN()
  })

  test('what occurs twice without a cycle is written twice', () => {
    const shared = { token: 'a' }
    deepStrictEqual(copyOf({ one: shared, two: [shared, shared] }), { one: shared, two: [shared, shared] })
  })

  test('the text is plain JSON where JSON can say it', () => {
    expect(encodeExactly({ token: 'a', list: [1, true, null] })).toBe('{"token":"a","list":[1,true,null]}')
  })

  test('the tags are pinned: text written by this version must be read by all later ones', () => {
    const value = {
      n: Number.NaN,
      big: 7n,
      none: undefined,
      at: new Date(5),
      bytes: Uint8Array.of(1),
      $: new Map([[1, new Set()]]),
    }
    const text =
      '{"$":["object",[["n",{"$":["number","NaN"]}],["big",{"$":["bigint","7"]}],["none",{"$":["undefined"]}],' +
      '["at",{"$":["date",5]}],["bytes",{"$":["bytes","AQ=="]}],["$",{"$":["map",[[1,{"$":["set",[]]}]]]}]]]}'
    expect(encodeExactly(value)).toBe(text)
    deepStrictEqual(decodeExactly(text), value)
  })
})

describe('what cannot come back is refused, and the message says where it is', () => {
  class Token {
    readonly text = 'a'
  }
  class Bag extends Map {}
  class Row extends Array {}
  const cycle: Record<string, unknown> = { list: [] }
  cycle.list = [cycle]
  const ring = new Map<string, unknown>()
  ring.set('self', new Set([ring]))
  // biome-ignore lint/suspicious/noSparseArray: that is the case.
  const sparse = [1, , 2]

  test.each([
    ['a function', { a: { run: () => 1 } }, 'a.run is a function'],
    ['a symbol', { a: [Symbol('x')] }, 'a.0 is a symbol'],
    ['a symbol as key', { a: { [Symbol('x')]: 1 } }, 'a is an object with a symbol as key'],
    ['a class instance', { a: new Token() }, 'a is an instance of Token'],
    ['a subclass of Map', { a: new Bag() }, 'a is an instance of Bag'],
    ['a subclass of Array', { a: Row.from([1]) }, 'a is an instance of Row'],
    ['a promise', [Promise.resolve()], '0 is an instance of Promise'],
    ['a URL', { a: new URL('https://localhost') }, 'a is an instance of URL'],
    ['a regular expression', { a: /x/ }, 'a is an instance of RegExp'],
    ['an error', { a: new Error('x') }, 'a is an instance of Error'],
    ['a boxed string', { a: Object('x') }, 'a is an instance of String'],
    ['a typed array that is not of bytes', { a: new Uint16Array(1) }, 'a is an instance of Uint16Array'],
    ['a list with a hole', { a: sparse }, 'a is an array with holes or named members'],
    ['a list that ends in a hole', { a: new Array(1) }, 'a is an array with holes or named members'],
    ['a list with a member', { a: Object.assign([1], { b: 1 }) }, 'a is an array with holes or named members'],
    ['a cycle', { a: cycle }, 'a.list.0 is part of a cycle'],
    ['a cycle through a map and a set', ring, '0.0 is part of a cycle'],
    ['a function on its own', () => 1, 'the value is a function'],
  ])('%s', (_, value, message) => {
    expect(refusal(value)).toBe(message)
  })

  test('a promise is called one though Node has put symbols on it, as it does while asynchronous calls are followed', () => {
    new AsyncLocalStorage().run({}, () => {
      expect(refusal({ a: Promise.resolve() })).toBe('a is an instance of Promise')
    })
  })

  test('a value nested ten thousand levels deep is refused instead of exhausting the stack', () => {
    let deep: unknown = 'bottom'
    for (let level = 0; level < 10_000; level++) deep = { deep }
    expect(refusal(deep)).toMatch(/nested more than 500 levels deep$/)
  })

  test('a refusal does not repeat values', () => {
    expect(refusal({ token: 't0p-s3cret', at: () => 't0p-s3cret' })).not.toContain('t0p-s3cret')
  })
})

describe('no prototype can be reached', () => {
  test('a "__proto__" in the text is a member like any other', () => {
    const opened = decodeExactly('{"__proto__":{"isAdmin":true},"a":{"$":["object",[["__proto__",{"isAdmin":true}]]]}}')
    expect(Object.getPrototypeOf(opened)).toBe(Object.prototype)
    expect(Object.hasOwn(opened as object, '__proto__')).toBe(true)
    expect('isAdmin' in (opened as object)).toBe(false)
    expect('isAdmin' in {}).toBe(false)
  })

  test('a tag that this version does not know is an error, also if it is named like a method', () => {
    expect(() => decodeExactly('{"$":["constructor",1]}')).toThrow('unknown tag constructor')
    expect(() => decodeExactly('{"$":["toString",1]}')).toThrow('unknown tag toString')
  })

  test('a "toJSON" that is data is not called, and one that is a function is refused', () => {
    deepStrictEqual(copyOf({ toJSON: 'data' }), { toJSON: 'data' })
    expect(refusal({ toJSON: () => 'other' })).toBe('toJSON is a function')
  })
})

test('an instant is one also where fake timers have replaced Date', () => {
  const before = new Date(5)
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const value = decodeExactly(encodeExactly([before, new Date(6)])) as readonly Date[]
  expect(value.map((instant) => instant.getTime())).toEqual([5, 6])
})

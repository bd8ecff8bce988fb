import { expect, test } from 'vitest'
import { ownCopy } from '../../../src/core/domain/own-copy.ts'

test('plain objects, arrays, dates and bytes are copied to any depth', () => {
  const original = { at: new Date(5), list: [{ a: 1 }, 'x', null, undefined, 7n], bytes: new Uint8Array([1, 2]) }
  const copy = ownCopy(original)
  expect(copy).toEqual(original)
  expect(copy.at).not.toBe(original.at)
  expect(copy.list).not.toBe(original.list)
  expect(copy.list[0]).not.toBe(original.list[0])
  expect(copy.bytes).not.toBe(original.bytes)
  expect(copy.bytes.buffer).not.toBe(original.bytes.buffer)
})

test('errors, functions and objects with a class of their own are the same', () => {
  class Money {
    readonly amount = 1
  }
  const original = { error: new Error('x'), money: new Money(), run: () => 1, map: new Map() }
  const copy = ownCopy(original)
  for (const key of ['error', 'money', 'run', 'map'] as const) expect(copy[key]).toBe(original[key])
})

test('an object that holds itself is copied once', () => {
  const original: { self?: unknown; list: unknown[] } = { list: [] }
  original.self = original
  original.list.push(original)
  const copy = ownCopy(original)
  expect(copy.self).toBe(copy)
  expect(copy.list[0]).toBe(copy)
})

test('a key that would change the prototype stays a key', () => {
  const original = JSON.parse('{"__proto__": {"isAdmin": true}}') as object
  const copy = ownCopy(original)
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"isAdmin":true}}')
})

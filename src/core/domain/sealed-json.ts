/*
 * JSON has no bigint, Date, undefined, NaN, bytes, Map or Set, but a zod schema may accept them, and what it accepts has to
 * come back exactly. Such values are written as { "$": [tag, …] }; an object that has a key "$" itself is written as entries.
 */

/** Values nested deeper than this are refused: walking them could exhaust the stack. */
const maxDepth = 500

/** Only the very classes: of a subclass, the rest of it would be lost. */
const storableClasses: readonly unknown[] = [
  Array.prototype,
  Uint8Array.prototype,
  Buffer.prototype,
  Map.prototype,
  Set.prototype,
  Object.prototype,
  null,
]

const datePrototype: unknown = Date.prototype

/** A value that can't be stored, and where it was found. */
export class UnstorableValueError extends Error {
  override readonly name = 'UnstorableValueError'
  readonly path: string
  readonly kind: string
  constructor(path: string, kind: string) {
    super(`${path === '' ? 'the value' : path} is ${kind}`)
    this.path = path
    this.kind = kind
  }
}

/**
 * Writes a value as JSON text from which {@link decodeExactly} makes an equal value.
 *
 * Comes back as it was: bigint, Date, undefined, NaN and ±Infinity, -0, Uint8Array, Buffer, Map, Set, any key.
 *
 * @throws {UnstorableValueError} for functions, symbols (also as keys), instances of other classes, arrays with holes or with
 * named members, cycles, and what is nested more than 500 levels deep.
 */
export function encodeExactly(value: unknown): string {
  return JSON.stringify(encode(value, '', []))
}

/** Reads back what {@link encodeExactly} wrote. */
export function decodeExactly(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // Without the mark there is nothing that JSON couldn't say.
  return text.includes('"$"') ? decode(value) : value
}

function encode(value: unknown, path: string, parents: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: ['number', Object.is(value, -0) ? '-0' : String(value)] }
    case 'bigint':
      return { $: ['bigint', String(value)] }
    case 'undefined':
      return { $: ['undefined'] }
    case 'object':
      return value === null ? null : encodeObject(value, path, parents)
    default:
      throw new UnstorableValueError(path, `a ${typeof value}`)
  }
}

function encodeObject(value: object, path: string, parents: readonly object[]): unknown {
  if (parents.includes(value)) throw new UnstorableValueError(path, 'part of a cycle')
  if (parents.length >= maxDepth) throw new UnstorableValueError(path, `nested more than ${maxDepth} levels deep`)
  const prototype: unknown = Object.getPrototypeOf(value)
  // Fake timers of somebody's tests replace the class, and instants of before are still about.
  const isDate = prototype === datePrototype || prototype === Date.prototype
  // Before its keys are looked at: Node puts symbols on promises.
  if (!isDate && !storableClasses.includes(prototype)) {
    throw new UnstorableValueError(path, `an instance of ${value.constructor?.name ?? 'a class'}`)
  }
  if (Object.getOwnPropertySymbols(value).some((key) => Object.prototype.propertyIsEnumerable.call(value, key))) {
    throw new UnstorableValueError(path, 'an object with a symbol as key')
  }
  if (isDate) return { $: ['date', (value as Date).getTime()] }
  const inside = [...parents, value]
  const child = (item: unknown, key: string | number) =>
    encode(item, path === '' ? String(key) : `${path}.${key}`, inside)
  switch (prototype) {
    case Array.prototype:
      return encodeArray(value as readonly unknown[], path, child)
    case Uint8Array.prototype:
      return { $: ['bytes', Buffer.from(value as Uint8Array).toString('base64')] }
    case Buffer.prototype:
      return { $: ['buffer', (value as Buffer).toString('base64')] }
    case Map.prototype:
      return {
        $: ['map', [...(value as Map<unknown, unknown>)].map((pair, at) => pair.map((item) => child(item, at)))],
      }
    case Set.prototype:
      return { $: ['set', [...(value as Set<unknown>)].map(child)] }
    default: {
      const entries = Object.entries(value).map(([key, item]) => [key, child(item, key)] as const)
      if (prototype === null) return { $: ['bare', entries] }
      return Object.hasOwn(value, '$') ? { $: ['object', entries] } : Object.fromEntries(entries)
    }
  }
}

function encodeArray(
  array: readonly unknown[],
  path: string,
  child: (item: unknown, at: number) => unknown,
): readonly unknown[] {
  const keys = Object.keys(array)
  if (keys.length !== array.length || keys.some((key, at) => key !== String(at))) {
    throw new UnstorableValueError(path, 'an array with holes or named members')
  }
  return array.map(child)
}

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(decode)
  if (Object.hasOwn(value, '$')) {
    // Only encode() writes "$", always with a tag and its argument.
    const [tag, argument] = (value as { $: [string, never] }).$
    return decodeTagged(tag, argument)
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]))
}

function decodeTagged(tag: string, argument: unknown): unknown {
  switch (tag) {
    case 'number':
      return Number(argument)
    case 'bigint':
      return BigInt(String(argument))
    case 'undefined':
      return undefined
    case 'date':
      return new Date(argument === null ? Number.NaN : Number(argument))
    case 'bytes':
      return new Uint8Array(Buffer.from(String(argument), 'base64'))
    case 'buffer':
      return Buffer.from(String(argument), 'base64')
    case 'map':
      return new Map((argument as [unknown, unknown][]).map(([key, item]) => [decode(key), decode(item)]))
    case 'set':
      return new Set((argument as unknown[]).map(decode))
    case 'object':
      return Object.fromEntries((argument as [string, unknown][]).map(([key, item]) => [key, decode(item)]))
    case 'bare':
      return Object.setPrototypeOf(
        Object.fromEntries((argument as [string, unknown][]).map(([key, item]) => [key, decode(item)])),
        null,
      )
    default:
      throw new TypeError(`unknown tag ${tag} in a sealed value`)
  }
}

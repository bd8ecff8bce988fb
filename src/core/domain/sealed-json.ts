/*
 * JSON has no bigint, Date, undefined, NaN, bytes, Map or Set, but a zod schema may accept them, and what it accepts has to
 * come back exactly. Such values are written as { "$": [tag, …] }; an object that has a key "$" itself is written as entries.
 */

/** A value that can't be stored, and where it was found. */
export class UnstorableValue extends Error {
  override readonly name = 'UnstorableValue'
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
 * @throws {UnstorableValue} for functions, symbols, class instances and cycles.
 */
export function encodeExactly(value: unknown): string {
  return JSON.stringify(encode(value, '', []))
}

/** Reads back what {@link encodeExactly} wrote. */
export function decodeExactly(text: string): unknown {
  return decode(JSON.parse(text))
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
      throw new UnstorableValue(path, `a ${typeof value}`)
  }
}

function encodeObject(value: object, path: string, parents: readonly object[]): unknown {
  if (parents.includes(value)) throw new UnstorableValue(path, 'part of a cycle')
  const inside = [...parents, value]
  const child = (item: unknown, key: string | number) =>
    encode(item, path === '' ? String(key) : `${path}.${key}`, inside)
  if (Array.isArray(value)) return value.map(child)
  if (value instanceof Date) return { $: ['date', value.getTime()] }
  if (value instanceof Uint8Array) return { $: ['bytes', Buffer.from(value).toString('base64')] }
  if (value instanceof Map)
    return { $: ['map', [...value].map(([key, item], at) => [child(key, at), child(item, at)])] }
  if (value instanceof Set) return { $: ['set', [...value].map(child)] }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new UnstorableValue(path, `an instance of ${value.constructor?.name ?? 'a class'}`)
  }
  const entries = Object.entries(value).map(([key, item]) => [key, child(item, key)] as const)
  return Object.hasOwn(value, '$') ? { $: ['object', entries] } : Object.fromEntries(entries)
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
    case 'map':
      return new Map((argument as [unknown, unknown][]).map(([key, item]) => [decode(key), decode(item)]))
    case 'set':
      return new Set((argument as unknown[]).map(decode))
    case 'object':
      return Object.fromEntries((argument as [string, unknown][]).map(([key, item]) => [key, decode(item)]))
    default:
      throw new TypeError(`unknown tag ${tag} in a sealed value`)
  }
}

/**
 * A copy of plain data to give away: plain objects, arrays, dates and bytes to any depth. Everything else (errors,
 * functions, objects with a class of their own) is the same in the copy: only its class knows how to copy it.
 */
export function ownCopy<V>(value: V): V {
  // Each part is copied to a part of its own kind.
  return copyOf(value, new Map()) as V
}

function copyOf(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (value instanceof Date) return new Date(value)
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    seen.set(value, copy)
    for (const part of value) copy.push(copyOf(part, seen))
    return copy
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: object = Object.create(prototype as object | null)
  seen.set(value, copy)
  for (const [key, part] of Object.entries(value)) {
    // Not assigned: `__proto__` may be a key in what others send.
    Object.defineProperty(copy, key, {
      value: copyOf(part, seen),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return copy
}

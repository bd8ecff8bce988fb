import { redacted } from '../domain/redacted.ts'

const hidden = { value: () => redacted, enumerable: false, configurable: true }
const hiding = { toJSON: hidden, [Symbol.for('nodejs.util.inspect.custom')]: hidden }

/**
 * Makes an opened value print as `[redacted]` in JSON, logs and `util.inspect`; its members stay readable.
 * Answers the value itself, or a copy of it if it is frozen.
 */
export function conceal<V>(value: V): V {
  if (typeof value !== 'object' || value === null) return value
  const target: object = Object.isExtensible(value)
    ? value
    : Object.create(Object.getPrototypeOf(value), Object.getOwnPropertyDescriptors(value))
  // The same value, with two more members that nobody enumerates.
  return Object.defineProperties(target, hiding) as V
}

/** A copy of a record that shares nothing changeable with it: dates, bytes and JSON are copied too. */
export function copyRecord<R extends object>(record: R): R {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, copyValue(value)])) as R // same shape
}

function copyValue(value: unknown): unknown {
  // structuredClone of a Buffer would copy the whole memory pool behind it.
  if (value instanceof Uint8Array) return new Uint8Array(value)
  return typeof value === 'object' && value !== null ? structuredClone(value) : value
}

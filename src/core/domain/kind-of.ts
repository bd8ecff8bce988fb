/** What a value is, for messages, without telling it: `undefined`, `null`, `a string`, `an object`, `an array`, … */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

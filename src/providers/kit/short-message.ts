const maxLength = 200

/**
 * What the provider itself says in a failed answer: one line of at most 200 characters, without secrets in any spelling
 * and without query strings (they may hold tokens). `''` if it says nothing readable.
 */
export function shortMessage(body: string, contentType: string | undefined, redact: (text: string) => string): string {
  const said = fromJson(body) ?? (contentType?.startsWith('text/plain') === true ? body : '')
  return shortText(said, redact)
}

/** A text of the provider's in one line of at most 200 characters, without secrets and query strings. */
export function shortText(said: string, redact: (text: string) => string): string {
  const clean = redact(said)
    .replace(/(https?:\/\/[^\s"'<>?#]*)[?#][^\s"'<>]*/g, '$1')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1)}…`
}

function fromJson(body: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  return find(value, 0)
}

// The fields that services use for it, in the order of how much they tell.
const fields = ['message', 'error_description', 'detail', 'title', 'error', 'errors']

function find(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || depth > 3) return undefined
  if (Array.isArray(value)) return find(value[0], depth + 1)
  for (const field of fields) {
    const found = find((value as Record<string, unknown>)[field], depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

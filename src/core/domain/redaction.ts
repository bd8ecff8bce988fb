/** What stands where a secret stood. */
export const redacted = '[redacted]'

const secretKey =
  /^(authorization|proxy-authorization|cookie|set-cookie|.*(token|secret|password|passwd|api[-_]?key|access[-_]?key|private[-_]?key|signature|credential).*)$/i

/** Shorter values are too common to be told apart from ordinary text. */
const shortestSecret = 4

/** Takes secrets out of text: by the key they stand under, and by value. */
export interface Redactor {
  /** Every known secret value is replaced, also url-encoded and in base64. */
  readonly text: (text: string) => string
  /** User info and secret query parameters are replaced, then every known value. */
  readonly url: (url: string) => string
  /** Headers that carry secrets by name are replaced, then every known value. */
  readonly headers: (headers: Readonly<Record<string, string>>) => Record<string, string>
  /** Secret members of a JSON or form body are replaced, then every known value. */
  readonly body: (body: string) => string
}

/** A redactor that knows these secret values. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const needles = [...new Set(secrets.filter((secret) => secret.length >= shortestSecret).flatMap(spellings))].sort(
    (a, b) => b.length - a.length,
  )
  const text = (value: string) => needles.reduce((rest, needle) => rest.replaceAll(needle, redacted), value)
  return {
    text,
    url: (url) => text(redactUrl(url)),
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, secretKey.test(name) ? redacted : text(value)]),
      ),
    body: (body) => text(redactBody(body)),
  }
}

/** Every string inside a value, however deep: the secrets of opened credentials. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  if (value instanceof Map || value instanceof Set) return [...value].flatMap(stringsIn)
  return Object.values(value).flatMap(stringsIn)
}

function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64')
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
  ]
}

function redactUrl(url: string): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return redactPairs(url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, `$1${redacted}@`))
  }
  const userInfo = parsed.username === '' && parsed.password === '' ? '' : `${redacted}@`
  const query = parsed.search === '' ? '' : `?${redactPairs(parsed.search.slice(1))}`
  return `${parsed.protocol}//${userInfo}${parsed.host}${parsed.pathname}${query}`
}

function redactPairs(query: string): string {
  return query.replace(/(^|[?&])([^=&?]+)=([^&]*)/g, (pair, separator: string, name: string) =>
    secretKey.test(decodeLeniently(name)) ? `${separator}${name}=${redacted}` : pair,
  )
}

function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function redactBody(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) {
      return JSON.stringify(parsed, (key, value: unknown) =>
        key !== '' && secretKey.test(key) && value !== null ? redacted : value,
      )
    }
  } catch {
    // Not JSON: perhaps a form, perhaps prose; pairs are replaced where there are some.
  }
  return redactPairs(body)
}

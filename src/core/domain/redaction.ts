/** What stands where a secret stood. */
export const redacted = '[redacted]'

const secretKey =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|token|secret|password|passwd|api[-_]?key|access[-_]?key|private[-_]?key|signature|credential/i

/** Shorter values are too common to be told apart from ordinary text. */
const shortestSecret = 4

/** Takes secrets out of text: by the key they stand under, and by value. */
export interface Redactor {
  /** Every known secret value is replaced, also url-encoded, escaped as in JSON, and in base64. */
  readonly text: (text: string) => string
  /** User info and secret query parameters are replaced, then every known value. */
  readonly url: (url: string) => string
  /** Headers that carry secrets by name are replaced, then every known value. */
  readonly headers: (headers: Readonly<Record<string, string>>) => Record<string, string>
  /** Secret members of a JSON or form body are replaced, also if it was cut off, then every known value. */
  readonly body: (body: string) => string
}

/** A redactor that knows these secret values. Those of fewer than four characters are known by their keys only. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const needles = [...new Set(secrets.filter((secret) => secret.length >= shortestSecret).flatMap(spellings))]
  const text = (value: string) => redactKnown(value, needles)
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

/** As it is, with spaces as forms write them, and as a part of something in base64 (`user:secret`) at any offset. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const encoded = [0, 1, 2].map((offset) => {
    const base64 = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // The characters that hold bits of the neighbours too are left out.
    return base64.slice([0, 2, 3][offset], Math.floor(((offset + bytes.length) * 8) / 6))
  })
  return [
    secret,
    secret.replaceAll(' ', '+'),
    // Half a surrogate pair is sent as U+FFFD.
    bytes.toString(),
    ...encoded,
    ...encoded.map((base64) => base64.replaceAll('+', '-').replaceAll('/', '_')),
  ]
}

function redactKnown(text: string, needles: readonly string[]): string {
  const found: Span[] = []
  for (const reading of readings(text)) {
    for (const needle of needles) {
      for (const at of occurrences(reading.text, needle)) found.push(span(reading, at, needle.length))
    }
  }
  if (found.length === 0) return text
  // What is redacted already counts as found, else a secret like "redacted" would be found in it for ever.
  const marks = occurrences(text, redacted).map((at) => ({ from: at, to: at + redacted.length }))
  let result = ''
  let end = 0
  for (const { from, to } of [...marks, ...found].sort((a, b) => a.from - b.from)) {
    // Secrets that overlap leave one mark, and no rest of either.
    if (from >= end) result += text.slice(end, from) + redacted
    end = Math.max(end, to)
  }
  result += text.slice(end)
  // A mark and its neighbours may spell another secret, if that has brackets.
  return result === text ? text : redactKnown(result, needles)
}

/** A text with some encoding undone, and where each of its characters (and its end) stood before. */
interface Reading {
  readonly text: string
  readonly positions: Uint32Array | null
}

const percentEncoded =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi
const jsonEscaped = /\\(?:u[\da-fA-F]{4}|["\\/bfnrt])/g

/** The text as it is, and as it reads url-decoded, unescaped as JSON, and either again: an URL within JSON within JSON. */
function* readings(text: string): Generator<Reading> {
  const plain: Reading = { text, positions: null }
  yield plain
  for (const once of decodings(plain)) {
    yield once
    yield* decodings(once)
  }
}

function* decodings(reading: Reading): Generator<Reading> {
  yield* undo(reading, percentEncoded, decodeLeniently)
  yield* undo(reading, jsonEscaped, (escaped) => String(JSON.parse(`"${escaped}"`)))
}

function* undo(reading: Reading, pattern: RegExp, decode: (match: string) => string): Generator<Reading> {
  const { text } = reading
  // Decoded text is never longer. Numbers in an ordinary list would take several times the memory of a big body.
  const positions = new Uint32Array(text.length + 1)
  const at = (index: number) => reading.positions?.[index] ?? index
  let decoded = ''
  let length = 0
  let end = 0
  for (const match of text.matchAll(pattern)) {
    const characters = decode(match[0])
    decoded += text.slice(end, match.index) + characters
    for (; end < match.index; end++) positions[length++] = at(end)
    for (let unit = 0; unit < characters.length; unit++) positions[length++] = at(match.index)
    end += match[0].length
  }
  if (end === 0) return
  decoded += text.slice(end)
  for (; end <= text.length; end++) positions[length++] = at(end)
  yield { text: decoded, positions }
}

interface Span {
  readonly from: number
  readonly to: number
}

function span({ positions }: Reading, at: number, length: number): Span {
  return { from: positions?.[at] ?? at, to: positions?.[at + length] ?? at + length }
}

function occurrences(text: string, needle: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) found.push(at)
  return found
}

function redactUrl(url: string): string {
  return redactPairs(url.replace(/^(\s*[a-z][a-z0-9+.-]*:[/\\]*)[^/\\?#]*@/i, `$1${redacted}@`))
}

/** `name=value`, in a query, a form, a fragment or prose. */
function redactPairs(text: string): string {
  return text.replace(/(^|[?&#;\s])([^=&?#;\s]+)=([^&#]*)/g, (pair, separator: string, name: string) =>
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
      let isChanged = false
      const text = JSON.stringify(parsed, (key, value: unknown) => {
        if (key === '' || value === null || !secretKey.test(key)) return value
        isChanged = true
        return redacted
      })
      // Written anew, big numbers would be rounded: what holds no secret stays as it was sent.
      return isChanged ? text : body
    }
  } catch {
    // Not JSON, cut off, or nested too deep: pairs are replaced where there are some.
  }
  return redactPairs(redactMembers(body))
}

/** `"name": value` in what may be a part of JSON. A secret object or list is cut off: its end is unknown. */
function redactMembers(text: string): string {
  let result = ''
  let end = 0
  for (const match of text.matchAll(/"([^"\\]{1,200})"\s*:\s*/g)) {
    const start = match.index + match[0].length
    if (start <= end || !secretKey.test(match[1] ?? '')) continue
    result += `${text.slice(end, start)}"${redacted}"`
    end = endOfValue(text, start)
  }
  return result + text.slice(end)
}

function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '{' || first === '[') return text.length
  if (first !== '"') {
    const rest = text.slice(start).search(/[\s,}\]]/)
    return rest === -1 ? text.length : start + rest
  }
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

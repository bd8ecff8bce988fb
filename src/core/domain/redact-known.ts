import { decodeLeniently } from './decode-leniently.ts'
import { redacted } from './redacted.ts'

/** Shorter values are too common to be told apart from ordinary text. */
const shortestSecret = 4

/** The hex of a shorter value is too easily an ordinary number or hash. */
const shortestInHex = 8

/**
 * The spellings of a secret to look for with {@link redactKnown}: as it is, with spaces as forms write them, as a part of
 * something in base64 (`user:secret`) at any offset, and in hex. None for secrets of fewer than four characters, and no
 * hex for those of fewer than eight.
 */
export function spellings(secret: string): string[] {
  if (secret.length < shortestSecret) return []
  const bytes = Buffer.from(secret)
  const hex = secret.length < shortestInHex ? [] : [bytes.toString('hex')]
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
    ...hex,
    ...hex.map((digits) => digits.toUpperCase()),
  ]
}

/** Replaces every needle, also where it is url-encoded, escaped as in JSON or strewn with NULs, up to three times. */
export function redactKnown(text: string, needles: readonly string[]): string {
  if (needles.length === 0) return text
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

/** How often an encoding is undone: an address within the query of an address within JSON within JSON. */
const deepest = 3

/** The text as it is, and as it reads url-decoded, unescaped as JSON, without NULs, and any of these again. */
function* readings(text: string): Generator<Reading> {
  yield* readingsOf({ text, positions: null }, deepest)
}

function* readingsOf(reading: Reading, depth: number): Generator<Reading> {
  yield reading
  if (depth === 0) return
  for (const decoded of decodings(reading)) yield* readingsOf(decoded, depth - 1)
}

function* decodings(reading: Reading): Generator<Reading> {
  yield* undo(reading, percentEncoded, decodeLeniently)
  // Text of two bytes a character, read as one of one byte; whoever stores or prints it may take the NULs out.
  yield* undo(reading, /\0+/g, () => '')
  yield* undo(reading, jsonEscaped, (escaped) => String(JSON.parse(`"${escaped}"`)))
}

function* undo(reading: Reading, pattern: RegExp, decode: (match: string) => string): Generator<Reading> {
  const { text } = reading
  if (text.search(pattern) === -1) return
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

import type { SignatureEncoding } from './signature-encoding.ts'
import { type TimestampRule, timestampInBody } from './signature-timestamp.ts'

/** More signatures than any sender has secrets; each may cost a public-key operation. */
const maxSignatures = 16

/** A piece of what is signed: bytes of the delivery, a header's value, or fixed text between them. */
export type SignedPart = 'body' | 'url' | 'timestamp' | { readonly header: string } | { readonly text: string }

/** Where the signature stands, how it is written, and what it covers. */
export interface SignatureLayout {
  /** Header that carries the signature, in lower case. */
  readonly header: string
  readonly encoding: SignatureEncoding
  /** Text before the signature in the header, e.g. `sha256=`; default none. */
  readonly prefix?: string
  /** For headers of several fields, such as `t=1,v1=ab,v1=cd`: the field with the signature. It may occur several times. */
  readonly field?: string
  /** What is between such fields; default a comma. */
  readonly fieldSeparator?: ',' | ';'
  /** What is signed, in order; default the body alone. The body must be in it. */
  readonly signed?: readonly SignedPart[]
  /** Absent where the provider signs no instant: captured deliveries then stay valid. */
  readonly timestamp?: TimestampRule
}

/** A delivery as far as signatures cover it. */
export interface SignedDelivery {
  readonly rawBody: Uint8Array
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The URL that the provider calls; `null` if it isn't known. */
  readonly url: string | null
}

/** What a layout finds in a delivery, or why it finds nothing. */
export type SignedContent =
  | { readonly signatures: readonly string[]; readonly message: Uint8Array; readonly timestamp: string | null }
  | { readonly reason: string }

/** Takes signatures, signed bytes and timestamp out of a delivery. */
export function readSigned(layout: SignatureLayout, delivery: SignedDelivery): SignedContent {
  const { header, prefix = '', field, fieldSeparator = ',', timestamp: rule } = layout
  const value = headerOf(delivery, header)
  if (value === null) return { reason: `the header ${header} is missing` }

  const fields = field === undefined ? [] : readFields(value, fieldSeparator)
  const named = (name: string) => fields.flatMap(([key, text]) => (key === name ? [text] : []))
  const found = field === undefined ? [value] : named(field)
  if (found.length === 0) return { reason: `the header ${header} has no field ${field}` }
  if (found.length > maxSignatures) return { reason: `the header ${header} has more than ${maxSignatures} signatures` }
  if (!found.every((text) => text.startsWith(prefix))) {
    return { reason: `the header ${header} does not start with ${prefix}` }
  }
  const signatures = found.map((text) => text.slice(prefix.length))

  let timestamp: string | null = null
  if (rule !== undefined) {
    const { from } = rule
    if ('header' in from) timestamp = headerOf(delivery, from.header)
    else if ('body' in from) timestamp = timestampInBody(delivery.rawBody, from.body)
    else {
      const [first, ...others] = named(from.field)
      // Two of them, e.g. of two headers joined by a proxy, would leave it open which one counts.
      timestamp = others.length === 0 ? (first ?? null) : null
    }
    if (timestamp === null) return { reason: 'the delivery has no timestamp, or more than one' }
  }
  const message = signedMessage(layout, delivery, timestamp)
  return message instanceof Uint8Array ? { signatures, message, timestamp } : message
}

/** The bytes that are signed. */
export function signedMessage(
  { signed = ['body'] }: Pick<SignatureLayout, 'signed'>,
  delivery: SignedDelivery,
  timestamp: string | null,
): Uint8Array | { readonly reason: string } {
  const pieces: Uint8Array[] = []
  for (const part of signed) {
    if (part === 'body') pieces.push(delivery.rawBody)
    else if (part === 'url') {
      if (delivery.url === null) return { reason: 'the URL of the delivery is not known, but it is signed' }
      pieces.push(Buffer.from(delivery.url))
    } else if (part === 'timestamp') pieces.push(Buffer.from(timestamp ?? ''))
    else if ('text' in part) pieces.push(Buffer.from(part.text))
    else {
      const value = headerOf(delivery, part.header)
      const bytes = value === null ? null : headerBytes(value)
      if (bytes === null) return { reason: `the signed header ${part.header} is missing or unreadable` }
      pieces.push(bytes)
    }
  }
  const [only, ...others] = pieces
  // A copy of a large body would cost more than its hash.
  return only !== undefined && others.length === 0 ? only : Buffer.concat(pieces)
}

/** The bytes of a header as they were sent: HTTP libraries show each as one character. `null` if that can't be. */
export function headerBytes(value: string): Uint8Array | null {
  const bytes = Buffer.from(value, 'latin1')
  return bytes.toString('latin1') === value ? bytes : null
}

/** A header that is there and not empty. */
export function headerOf({ headers }: Pick<SignedDelivery, 'headers'>, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'string' && value !== '' ? value : null
}

function readFields(value: string, separator: string): readonly (readonly [string, string])[] {
  // A comma also stands between headers of one name that were joined.
  return value.split(separator === ',' ? ',' : /[;,]/).map((piece) => {
    const at = piece.indexOf('=')
    return at < 0 ? [piece.trim(), ''] : [piece.slice(0, at).trim(), piece.slice(at + 1).trim()]
  })
}

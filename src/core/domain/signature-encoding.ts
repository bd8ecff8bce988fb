import { timingSafeEqual } from 'node:crypto'

/**
 * How a signature is written in a header. Every signature has one spelling: `hex` is lower case only, `upper-hex` upper case
 * only, `base64` has its padding, `base64url` has none.
 */
export type SignatureEncoding = 'hex' | 'upper-hex' | 'base64' | 'base64url'

/** All of them, for checks. */
export const signatureEncodings: readonly SignatureEncoding[] = ['hex', 'upper-hex', 'base64', 'base64url']

/** Bytes as they are written. */
export function encodeSignature(bytes: Uint8Array, encoding: SignatureEncoding): string {
  const buffer = Buffer.from(bytes)
  return encoding === 'upper-hex' ? buffer.toString('hex').toUpperCase() : buffer.toString(encoding)
}

/** The bytes of a text, or `null` if it isn't written exactly so: Node's own decoder skips what it doesn't know. */
export function decodeSignature(text: string, encoding: SignatureEncoding): Buffer | null {
  const bytes = Buffer.from(text, encoding === 'upper-hex' ? 'hex' : encoding)
  return encodeSignature(bytes, encoding) === text ? bytes : null
}

/** Whether two texts are the same, in a time that tells nothing but whether they are equally long. */
export function isSameText(expected: string, received: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(received)]
  return a.length === b.length && timingSafeEqual(a, b)
}

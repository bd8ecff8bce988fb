import { createHmac } from 'node:crypto'
import { decodeSignature, isSameText } from './signature-encoding.ts'
import type { SignatureLayout } from './signature-layout.ts'

/** How the text of a webhook secret becomes the key. */
export type SecretForm = 'text' | 'base64' | 'hex' | 'html'

/** All of them, for checks. */
export const secretForms: readonly SecretForm[] = ['text', 'base64', 'hex', 'html']

/** The hash functions of an HMAC. */
export const hmacAlgorithms = ['sha1', 'sha256', 'sha512'] as const

/** An HMAC in a header. */
export interface HmacScheme extends SignatureLayout {
  readonly kind: 'hmac'
  readonly algorithm: (typeof hmacAlgorithms)[number]
  /**
   * How the secret becomes the key: its characters (`text`, the default), the bytes that they encode (`base64`, `hex`), or
   * its characters after HTML entities are decoded (`html`: WordPress shows secrets encoded and signs with them decoded).
   */
  readonly secretForm?: SecretForm
}

/** The key that a secret stands for; `null` if it isn't of that form, or is none. */
export function hmacKey(secret: string, form: SecretForm = 'text'): Uint8Array | null {
  const key =
    form === 'text' || form === 'html'
      ? Buffer.from(form === 'html' ? decodeEntities(secret) : secret)
      : decodeSignature(secret, form)
  // With an empty key anybody could sign.
  return key === null || key.length === 0 ? null : key
}

/** The signature of a message, as it is written. */
export function hmacSignature(scheme: HmacScheme, message: Uint8Array, key: Uint8Array): string {
  const digest = createHmac(scheme.algorithm, key).update(message)
  return scheme.encoding === 'upper-hex' ? digest.digest('hex').toUpperCase() : digest.digest(scheme.encoding)
}

/** Whether one of the signatures was made with one of the keys. Compared as text: decoding would let several spellings through. */
export function isHmacOf(
  scheme: HmacScheme,
  { message, signatures }: { readonly message: Uint8Array; readonly signatures: readonly string[] },
  keys: readonly Uint8Array[],
): boolean {
  let isFound = false
  for (const key of keys) {
    const expected = hmacSignature(scheme, message, key)
    // To the end, so that the time doesn't tell which one it was.
    for (const received of signatures) isFound = isSameText(expected, received) || isFound
  }
  return isFound
}

/** What `wp_specialchars_decode($secret, ENT_QUOTES)` of WordPress does, in one pass. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#0*(?:34|38|39|60|62)|#[xX]0*(?:22|26|27));/g, (entity) => {
    if (/^&(?:amp|#0*38|#[xX]0*26);$/.test(entity)) return '&'
    if (/^&(?:quot|#0*34|#[xX]0*22);$/.test(entity)) return '"'
    if (/^&(?:lt|#0*60);$/.test(entity)) return '<'
    return /^&(?:gt|#0*62);$/.test(entity) ? '>' : "'"
  })
}

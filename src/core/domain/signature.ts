import { createHmac, timingSafeEqual } from 'node:crypto'

/** How a provider signs its deliveries, as data. */
export type SignatureScheme = HmacScheme

/** An HMAC over the raw body, in a header. */
export interface HmacScheme {
  readonly kind: 'hmac'
  readonly algorithm: 'sha1' | 'sha256' | 'sha512'
  readonly encoding: 'hex' | 'base64'
  /** Header that carries the signature, in lower case. */
  readonly header: string
  /** Text before the signature in the header, e.g. `sha256=`. */
  readonly prefix: string
}

/** Whether a delivery proved that it comes from the provider, and if not, why not (for us, not for the sender). */
export type Verification = { readonly isValid: true } | { readonly isValid: false; readonly reason: string }

/**
 * Checks the signature of a delivery against every live secret, in constant time. Fails closed:
 * no secret, no header or an unknown scheme is a rejection.
 */
export function verifySignature(
  scheme: SignatureScheme,
  delivery: { readonly headers: Readonly<Record<string, string>>; readonly rawBody: Uint8Array },
  secrets: readonly string[],
): Verification {
  const usable = secrets.filter((secret) => secret !== '')
  if (usable.length === 0) return { isValid: false, reason: 'the connection has no webhook secret' }
  switch (scheme.kind) {
    case 'hmac':
      return verifyHmac(scheme, delivery, usable)
    default:
      return { isValid: false, reason: `unknown signature scheme ${String((scheme as { kind?: unknown }).kind)}` }
  }
}

function verifyHmac(
  scheme: HmacScheme,
  delivery: { readonly headers: Readonly<Record<string, string>>; readonly rawBody: Uint8Array },
  secrets: readonly string[],
): Verification {
  const header = delivery.headers[scheme.header]
  if (header === undefined) return { isValid: false, reason: `the header ${scheme.header} is missing` }
  if (!header.startsWith(scheme.prefix)) {
    return { isValid: false, reason: `the header ${scheme.header} does not start with ${scheme.prefix}` }
  }
  const received = Buffer.from(header.slice(scheme.prefix.length), 'utf8')
  // Compared as text: decoding first would let several spellings of one signature through.
  const isValid = secrets
    .map((secret) => {
      const expected = Buffer.from(
        createHmac(scheme.algorithm, secret).update(delivery.rawBody).digest(scheme.encoding),
      )
      return expected.length === received.length && timingSafeEqual(expected, received)
    })
    .some(Boolean)
  return isValid ? { isValid: true } : { isValid: false, reason: 'the signature does not match the body' }
}

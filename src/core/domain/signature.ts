import { type CustomScheme, customMistake, type DeliveryToVerify } from './signature-custom.ts'
import { type HmacScheme, hmacKey, isHmacOf } from './signature-hmac.ts'
import { headerOf, readSigned, type SignatureLayout } from './signature-layout.ts'
import { schemeMistake } from './signature-mistake.ts'
import { isSignedByOneOf, type PublicKeyScheme, publicKeyOf } from './signature-public-key.ts'
import { type StandardWebhooksScheme, standardHeaders, standardMistake } from './signature-standard-webhooks.ts'
import { timestampMistake } from './signature-timestamp.ts'
import { isOneOfTokens, type TokenScheme } from './signature-token.ts'

/** How a provider signs its deliveries: data, or a function where data can't say it. */
export type SignatureScheme =
  | HmacScheme
  | PublicKeyScheme
  | StandardWebhooksScheme
  | TokenScheme
  | CustomScheme
  | UnsignedScheme

/** The provider signs nothing: anybody who knows the URL is believed. Never a default. */
export interface UnsignedScheme {
  readonly kind: 'unsigned'
}

/** Whether the scheme covers the body: then nobody who captured a delivery can change it. */
export function coversBody({ kind }: SignatureScheme): boolean {
  return kind !== 'token' && kind !== 'unsigned'
}

/** Whether a data scheme covers a header; `null` if its code alone knows. */
export function coversHeader(scheme: SignatureScheme, header: string): boolean | null {
  switch (scheme.kind) {
    case 'hmac':
    case 'public-key':
      return (scheme.signed ?? []).some(
        (part) => typeof part === 'object' && 'header' in part && part.header === header,
      )
    case 'standard-webhooks':
      return standardHeaders(scheme).id === header
    case 'token':
    case 'unsigned':
      return false
    case 'custom':
      return null
  }
}

/** Whether a delivery proved that it comes from the provider, and if not, why not (for us, not for the sender). */
export type Verification = { readonly isValid: true } | { readonly isValid: false; readonly reason: string }

/**
 * Checks a delivery against every live secret, in constant time. Fails closed: no secret, no header, an unknown or
 * faulty scheme is a rejection. Header names must be in lower case.
 */
export function verifySignature(scheme: SignatureScheme, delivery: DeliveryToVerify): Verification {
  const reason = mistakeOnce(scheme) ?? deliveryMistake(scheme, delivery)
  return reason === null ? { isValid: true } : { isValid: false, reason }
}

/** Schemes without a fault: they are data that doesn't change, and looking costs as much as an HMAC. */
const faultless = new WeakSet<SignatureScheme>()

function mistakeOnce(scheme: SignatureScheme): string | null {
  // A plain JavaScript caller may pass anything.
  if (faultless.has(scheme)) return null
  const mistake = schemeMistake(scheme)
  if (mistake === null) faultless.add(scheme)
  return mistake
}

/** Why a delivery isn't genuine, or `null` if it is. */
function deliveryMistake(scheme: SignatureScheme, delivery: DeliveryToVerify): string | null {
  if (!(delivery.rawBody instanceof Uint8Array)) return 'the body is not raw bytes: the signature covers nothing else'
  if (scheme.kind === 'unsigned') return null
  const secrets = delivery.secrets.filter((secret) => typeof secret === 'string' && secret !== '')
  if (secrets.length === 0) return 'the connection has no webhook secret'
  switch (scheme.kind) {
    case 'hmac': {
      const keys = secrets.flatMap((secret) => hmacKey(secret, scheme.secretForm) ?? [])
      if (keys.length === 0) return `no webhook secret is ${scheme.secretForm}`
      return layoutMistake(scheme, delivery, (content) => isHmacOf(scheme, content, keys))
    }
    case 'public-key': {
      const keys = secrets.flatMap((secret) => publicKeyOf(secret, scheme) ?? [])
      if (keys.length === 0) return `no webhook secret is a public key for ${scheme.algorithm} (${scheme.keyForm})`
      return layoutMistake(scheme, delivery, (content) => isSignedByOneOf(scheme, content, keys))
    }
    case 'standard-webhooks':
      return standardMistake(scheme, delivery, secrets, delivery.now)
    case 'token': {
      const { header, prefix = '' } = scheme
      const value = headerOf(delivery, header)
      if (value === null) return `the header ${header} is missing`
      if (!value.startsWith(prefix)) return `the header ${header} does not start with ${prefix}`
      return isOneOfTokens(value.slice(prefix.length), secrets) ? null : `the token in ${header} is not the right one`
    }
    case 'custom':
      return customMistake(scheme, { ...delivery, secrets })
  }
}

/** First the signature, then the instant: so a stale delivery is told from a forged one. */
function layoutMistake(
  layout: SignatureLayout,
  delivery: DeliveryToVerify,
  isGenuine: (content: { readonly message: Uint8Array; readonly signatures: readonly string[] }) => boolean,
): string | null {
  const content = readSigned(layout, delivery)
  if ('reason' in content) return content.reason
  if (!isGenuine(content)) return 'the signature does not match the delivery'
  return layout.timestamp === undefined
    ? null
    : timestampMistake(content.timestamp ?? '', layout.timestamp, delivery.now)
}

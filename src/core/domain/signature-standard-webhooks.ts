import { createHmac } from 'node:crypto'
import { decodeSignature, isSameText } from './signature-encoding.ts'
import { headerBytes, headerOf, type SignedDelivery } from './signature-layout.ts'
import { isSignedByOneOf, publicKeyOf } from './signature-public-key.ts'
import { timestampMistake } from './signature-timestamp.ts'

const maxSignatures = 16
const v1a = { algorithm: 'ed25519', encoding: 'base64', keyForm: 'raw-base64' } as const

/**
 * Standard Webhooks: `v1` (HMAC-SHA256) and `v1a` (Ed25519) over `id.timestamp.body`.
 * Secrets are `whsec_` (or nothing) and base64 for `v1`, `whpk_` and base64 for `v1a`.
 *
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export interface StandardWebhooksScheme {
  readonly kind: 'standard-webhooks'
  /** What the names of the three headers begin with; default `webhook`, at Svix `svix`. */
  readonly headerPrefix?: string
  /** Milliseconds that the timestamp may lie before or after now; more than 0; default 300,000. */
  readonly toleranceMs?: number
}

/** The names of the three headers. */
export function standardHeaders({ headerPrefix = 'webhook' }: StandardWebhooksScheme): {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
} {
  return {
    id: `${headerPrefix}-id`,
    timestamp: `${headerPrefix}-timestamp`,
    signature: `${headerPrefix}-signature`,
  }
}

/** The bytes that are signed. */
export function standardMessage(id: Uint8Array, timestamp: string, rawBody: Uint8Array): Uint8Array {
  return Buffer.concat([id, Buffer.from(`.${timestamp}.`), rawBody])
}

/** The key of a `whsec_` secret; `null` if it is none. */
export function standardKey(secret: string): Uint8Array | null {
  const key = decodeSignature(secret.replace(/^whsec_/, ''), 'base64')
  return key === null || key.length === 0 ? null : key
}

/** The `v1` signature of a message, without `v1,`. */
export function standardSignature(message: Uint8Array, key: Uint8Array): string {
  return createHmac('sha256', key).update(message).digest('base64')
}

/** Why a delivery isn't genuine, or `null` if it is. */
export function standardMistake(
  scheme: StandardWebhooksScheme,
  delivery: SignedDelivery,
  secrets: readonly string[],
  now: Date,
): string | null {
  const names = standardHeaders(scheme)
  const [id, timestamp, header] = [names.id, names.timestamp, names.signature].map((name) => headerOf(delivery, name))
  for (const [name, value] of [
    [names.id, id],
    [names.timestamp, timestamp],
    [names.signature, header],
  ]) {
    if (value == null) return `the header ${name} is missing`
  }
  const idBytes = headerBytes(id ?? '')
  if (idBytes === null) return `the header ${names.id} is unreadable`
  const signatures = (header ?? '').split(' ')
  if (signatures.length > maxSignatures)
    return `the header ${names.signature} has more than ${maxSignatures} signatures`
  const ofVersion = (version: string) =>
    signatures.flatMap((text) => (text.startsWith(`${version},`) ? [text.slice(version.length + 1)] : []))

  const keys = secrets.flatMap((secret) => (secret.startsWith('whpk_') ? [] : (standardKey(secret) ?? [])))
  const publicKeys = secrets.flatMap((secret) =>
    secret.startsWith('whpk_') ? (publicKeyOf(secret.slice('whpk_'.length), v1a) ?? []) : [],
  )
  if (keys.length + publicKeys.length === 0) {
    return 'no webhook secret is whsec_ or whpk_ and base64'
  }
  const message = standardMessage(idBytes, timestamp ?? '', delivery.rawBody)
  const symmetric = ofVersion('v1')
  const isSigned = keys
    .map((key) => standardSignature(message, key))
    .flatMap((expected) => symmetric.map((received) => isSameText(expected, received)))
    .some(Boolean)
  if (!isSigned && !isSignedByOneOf(v1a, { message, signatures: ofVersion('v1a') }, publicKeys)) {
    return 'the signature does not match the delivery'
  }
  return timestampMistake(timestamp ?? '', scheme, now)
}

import { nonceLength, openAesGcm, sealAesGcm, tagLength } from './aes-gcm.ts'
import { ConnectorsError } from './errors.ts'

const format = 'v1'

/** Where a sealed value belongs. Bound into the ciphertext, which therefore opens nowhere else. */
export interface SealContext {
  /** Text form of the tenant id. */
  readonly tenant: string
  /** Or of an authorization under way. */
  readonly connectionId: string
  readonly field: 'credentials' | 'webhookSecrets' | 'settings' | 'oauthState'
}

/** A sealed value taken apart. */
export interface Envelope {
  readonly keyId: string
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/** What a key id may look like. */
export const keyIdPattern = /^[A-Za-z0-9_-]{1,64}$/

/**
 * Seals bytes with AES-256-GCM: `v1.<keyId>.<nonce>.<ciphertext + tag>`, binary parts in base64url.
 * `key` has 32 bytes; `nonce` has 12 random bytes that are used once.
 */
export function sealEnvelope(
  plaintext: Uint8Array,
  seal: {
    readonly keyId: string
    readonly key: Uint8Array
    readonly nonce: Uint8Array
    readonly context: SealContext
  },
): string {
  const { keyId, key, nonce, context } = seal
  const { ciphertext, tag } = sealAesGcm(plaintext, { key, nonce, associatedData: associatedData(keyId, context) })
  const sealed = Buffer.concat([ciphertext, tag])
  return [format, keyId, Buffer.from(nonce).toString('base64url'), sealed.toString('base64url')].join('.')
}

/**
 * Takes a sealed value apart without opening it.
 *
 * @throws {ConnectorsError} `SEALED_VALUE_MALFORMED` when the text isn't an envelope.
 */
export function parseEnvelope(text: string): Envelope {
  const [version, keyId, nonceText, sealedText, ...rest] = text.split('.')
  const nonce = decodeBase64url(nonceText)
  const sealed = decodeBase64url(sealedText)
  if (
    version !== format ||
    keyId === undefined ||
    !keyIdPattern.test(keyId) ||
    nonce?.length !== nonceLength ||
    sealed === null ||
    sealed.length < tagLength ||
    rest.length > 0
  ) {
    throw new ConnectorsError(
      'SEALED_VALUE_MALFORMED',
      `A sealed value does not have the form ${format}.<keyId>.<nonce>.<ciphertext>. Was the column written by something else?`,
    )
  }
  return {
    keyId,
    nonce,
    ciphertext: sealed.subarray(0, sealed.length - tagLength),
    tag: sealed.subarray(sealed.length - tagLength),
  }
}

/** Opens an envelope, or answers `null` when key, context or ciphertext aren't those it was sealed with. */
export function openEnvelope(envelope: Envelope, key: Uint8Array, context: SealContext): Buffer | null {
  return openAesGcm(envelope, {
    key,
    nonce: envelope.nonce,
    associatedData: associatedData(envelope.keyId, context),
  })
}

function associatedData(keyId: string, context: SealContext): Uint8Array {
  return Buffer.from(JSON.stringify([format, keyId, context.tenant, context.connectionId, context.field]))
}

function decodeBase64url(text: string | undefined): Uint8Array | null {
  if (text === undefined) return null
  const bytes = Buffer.from(text, 'base64url')
  // Buffer ignores what it can't decode; only the canonical spelling counts.
  return bytes.toString('base64url') === text ? bytes : null
}

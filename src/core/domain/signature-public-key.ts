import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { decodeSignature } from './signature-encoding.ts'
import type { SignatureLayout } from './signature-layout.ts'

/** The algorithms: Ed25519, and ECDSA over P-256 with SHA-256 and DER-encoded signatures. */
export const publicKeyAlgorithms = ['ed25519', 'ecdsa-p256'] as const

/** How a public key is written: 32 raw bytes (Ed25519 only), or an SPKI structure, DER in base64. */
export const publicKeyForms = ['raw-hex', 'raw-base64', 'spki-base64'] as const

/** A public-key signature in a header. The connection's webhook secrets are the public keys: nobody can sign with them. */
export interface PublicKeyScheme extends SignatureLayout {
  readonly kind: 'public-key'
  readonly algorithm: (typeof publicKeyAlgorithms)[number]
  readonly keyForm: (typeof publicKeyForms)[number]
}

/** The public key that a text stands for; `null` if it is none of that kind. */
export function publicKeyOf(
  text: string,
  { algorithm, keyForm }: Pick<PublicKeyScheme, 'algorithm' | 'keyForm'>,
): KeyObject | null {
  const bytes = decodeSignature(text, keyForm === 'raw-hex' ? 'hex' : 'base64')
  if (bytes === null) return null
  try {
    if (keyForm !== 'spki-base64') {
      if (algorithm !== 'ed25519' || bytes.length !== 32) return null
      const x = bytes.toString('base64url')
      return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    }
    const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' })
    const isRight =
      algorithm === 'ed25519'
        ? key.asymmetricKeyType === 'ed25519'
        : key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    return isRight ? key : null
  } catch {
    return null
  }
}

/** Whether one of the signatures was made with the other half of one of the keys. */
export function isSignedByOneOf(
  { algorithm, encoding }: Pick<PublicKeyScheme, 'algorithm' | 'encoding'>,
  { message, signatures }: { readonly message: Uint8Array; readonly signatures: readonly string[] },
  keys: readonly KeyObject[],
): boolean {
  return signatures.some((text) => {
    const signature = decodeSignature(text, encoding)
    if (signature === null) return false
    return keys.some((key) => verify(algorithm === 'ed25519' ? null : 'sha256', message, key, signature))
  })
}

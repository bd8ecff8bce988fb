import { createCipheriv, createDecipheriv } from 'node:crypto'

const cipher = 'aes-256-gcm'

/** Bytes of a nonce. */
export const nonceLength = 12

/** Bytes of a tag. Shorter ones, which the standard allows, are never accepted. */
export const tagLength = 16

/** What was sealed: the ciphertext, as long as the plaintext, and the tag that proves it. */
export interface SealedBytes {
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/** Key (32 bytes), nonce (12 bytes, used once) and what is not encrypted, but has to be the same to open. */
export interface AesGcmInput {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly associatedData: Uint8Array
}

/** Seals bytes with AES-256-GCM. */
export function sealAesGcm(plaintext: Uint8Array, { key, nonce, associatedData }: AesGcmInput): SealedBytes {
  const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagLength })
  encryption.setAAD(associatedData)
  // In this mode nothing is left for the end but the tag.
  const ciphertext = encryption.update(plaintext)
  encryption.final()
  return { ciphertext, tag: encryption.getAuthTag() }
}

/** Opens what {@link sealAesGcm} made, or answers `null` when anything about it differs by a bit. */
export function openAesGcm(
  { ciphertext, tag }: SealedBytes,
  { key, nonce, associatedData }: AesGcmInput,
): Buffer | null {
  // Without authTagLength, Node 20 accepts truncated tags.
  const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagLength })
  decryption.setAAD(associatedData)
  try {
    decryption.setAuthTag(tag)
    const plaintext = decryption.update(ciphertext)
    // Throws if the tag is another: nothing of the plaintext may be used before.
    decryption.final()
    return plaintext
  } catch {
    return null
  }
}

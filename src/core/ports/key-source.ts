/** A key of the keyring. One and only one of `key`, `passphrase` and `fernet` is there. */
export interface EncryptionKey {
  /** Names the key in sealed values, 1 to 64 letters, digits, dashes or underscores. Never reuse one for another key. */
  readonly id: string
  /** 32 random bytes, as they are or in base64. */
  readonly key?: string | Uint8Array | undefined
  /** A long secret from which the key is derived with scrypt, once, at start. At least 20 characters. */
  readonly passphrase?: string | undefined
  /** A key of Python's Fernet, as it prints them (44 characters): opens what django-bapp-connectors stored, never seals. */
  readonly fernet?: string | undefined
}

/**
 * Loads the keys from where they are kept, e.g. a key management service: the first seals, all of them open. It is asked once,
 * at the first need, and again after it failed or didn't answer for 30 seconds. What it throws reaches callers as the `cause` of `KEYS_UNAVAILABLE`.
 */
export type KeySource = () => Promise<readonly EncryptionKey[]>
